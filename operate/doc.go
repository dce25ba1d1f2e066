// Package operate is what operators see, and what they move: the jobs, the queues
// with the gate before HeyGen, the schedule, and the dead letters.
//
// Beside it stand health, the table of what heyq asks about itself; doctor and alert,
// which ask; metrics, for Prometheus; endpoint, which registers with HeyGen where it
// delivers; and identity, which says whose things these are.
//
// It reads the store and Redis, and writes by the store's own statements, so that an
// operator can do nothing that would bill a video twice. Each change notes who made
// it. operate knows neither HTTP nor a terminal: api and the commands show what it
// returns.
package operate
