import Gradients
