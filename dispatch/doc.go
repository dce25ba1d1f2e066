// Package dispatch makes tasks of due rows.
//
// A Dispatcher asks the store what is due, as far as the queues in Redis have
// capacity for it, and a Sender sends the tasks. The epoch of the Redis that answers
// tells when tasks may be lost; the store then has everything sent again. A Scheduler
// sends the jobs that run by the clock, in one process at a time.
//
// dispatch decides nothing about a video: which row is due, and which video gets a
// slot, are statements of the store. It does not know how a task is done.
package dispatch
