// All of it is in the header.
#include "CLanes.h"
