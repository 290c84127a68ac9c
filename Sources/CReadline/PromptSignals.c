#include "PromptSignals.h"

#include <pthread.h>

#include "CReadline.h"
#include "Readline.h"

volatile sig_atomic_t sonde_arrived;

static struct sigaction before_prompt;
static pthread_t prompt_thread;

static void note(int number) {
  // A signal of the process goes to any thread that does not block it, a worker's too; only its own wakes the reader.
  if (pthread_equal(pthread_self(), prompt_thread)) sonde_arrived |= 1 << number;
  else pthread_kill(prompt_thread, number);
}

struct sigaction sonde_noting(void) {
  struct sigaction ours = {.sa_handler = note};
  sigfillset(&ours.sa_mask);
  return ours;
}

void sonde_prompt_begin(bool edits) {
  prompt_thread = pthread_self();
  if (edits) sonde_readline_begin();
  struct sigaction ours = sonde_noting();
  sigaction(SIGINT, &ours, &before_prompt);
}

void sonde_prompt_end(void) { sigaction(SIGINT, &before_prompt, NULL); }

bool sonde_prompt_take_interrupt(void) {
  bool came = sonde_arrived & 1 << SIGINT;
  sonde_arrived &= ~(1 << SIGINT);
  return came;
}

void sonde_prompt_note_interrupt(void) { sonde_arrived |= 1 << SIGINT; }
