// Package app puts heyq together: it is the only place that constructs things.
//
// An App has roles (API, Worker, Scheduler), and the single process of `heyq
// up` is no other wiring than all of them at once. (Dashboard is a role for a
// process of its own; the API serves the same pages.)
//
//	New   opens store, auth, Redis, HeyGen and media, builds the roles, and listens
//	Run   serves until its context ends, then drains in a fixed order
//
// What is embedded (SQLite, a Redis inside the process, the simulator) stands
// behind the same constructors as the real thing, so nothing else knows which
// of them it got.
package app
