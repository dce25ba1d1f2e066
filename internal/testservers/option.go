package testservers

import (
	"maps"
	"slices"
)

// Option changes how a server is started.
type Option func(*options)

type options struct {
	durable  bool
	replicas bool
	tcp      bool
	secure   *Certificates
	settings map[string]string
}

// Durable makes the server keep what it has answered, as one in production
// does: Postgres with fsync, Redis with an append-only file. Without it a
// server is as fast as the machine allows and forgets at will.
func Durable() Option { return func(o *options) { o.durable = true } }

// Replicated gives each master of a Redis Cluster a replica, which takes over
// when its master is gone.
func Replicated() Option { return func(o *options) { o.replicas = true } }

// TCP makes Postgres listen on a free loopback port beside its socket, for
// those that put something between it and its clients; see Addr.
func TCP() Option { return func(o *options) { o.tcp = true } }

// TLS makes each server of a Redis, the sentinels included, speak TLS and nothing else,
// with clients that have a certificate of the same CA.
func TLS(c Certificates) Option { return func(o *options) { o.secure = &c } }

// With sets one of the server's own settings, such as max_connections for
// Postgres or maxmemory for Redis. It wins over the defaults of this package.
func With(name, value string) Option {
	return func(o *options) { o.settings[name] = value }
}

func gather(opts []Option) options {
	o := options{settings: map[string]string{}}
	for _, set := range opts {
		set(&o)
	}
	return o
}

// over returns the defaults with the caller's settings laid over them, each
// rendered by form, in the order of their names.
func (o options) over(defaults map[string]string, form func(name, value string) []string) []string {
	all := maps.Clone(defaults)
	maps.Copy(all, o.settings)
	var args []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, form(name, all[name])...)
	}
	return args
}
