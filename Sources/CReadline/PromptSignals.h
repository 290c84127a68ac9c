// The signals that come while the prompt waits, noted for whoever reads the line.
#pragma once

#include <signal.h>

/// A bit for each signal that has come.
extern volatile sig_atomic_t sonde_arrived;

/// The handler that only takes note; nothing interrupts it, and it interrupts what waits.
struct sigaction sonde_noting(void);
