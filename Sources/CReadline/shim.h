// GNU readline and its history.
#pragma once
#include <stdio.h>
#include <readline/readline.h>
#include <readline/history.h>
