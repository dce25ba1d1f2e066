// Package identity keeps an installation together: the database, whose rows say
// which files, tasks and renders are its own, and the media store, the Redis and
// the HeyGen account that hold them. Beside each stands a mark with the id of
// the installation; the account is remembered in the database.
//
// Start compares all of them before a process touches anything, and Run goes on
// to do so: what belongs to another installation is never worked on. A database
// that is older than a mark was set back, and sends nothing until a person has
// looked. Adopt takes over what another installation has left.
//
// The package knows marks and names. What is stored there, and how, it does not.
package identity
