enum BinaryOperation { case add, subtract, multiply, divide, power, floorDivide, modulo }
