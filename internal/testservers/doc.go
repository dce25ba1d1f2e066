// Package testservers starts private Redis and Postgres servers from the binaries
// that are installed, for tests, benchmarks and fault experiments.
//
//	redis, err := testservers.StartRedis(ctx, dir)
//	postgres, err := testservers.StartPostgres(ctx, dir, testservers.Durable())
//	sentinel, err := testservers.StartSentinel(ctx, dir) // a master, two replicas, three sentinels
//	cluster, err := testservers.StartCluster(ctx, dir, testservers.Replicated())
//
// A server listens where no other program looks: Redis on a free loopback port,
// Postgres on a unix socket in a folder of its own, and on such a port as well
// if TCP is asked for. It can be stopped, killed and started again at the same
// address with the data it had, and it dies with the process that started it,
// however that one ends (on Linux).
//
// Data flows in a straight line: find.go names the binary, redis.go and
// postgres.go write its command line, process.go runs it.
// sentinel.go and cluster.go tie several Redis servers together, replica.go is
// what one of them does for that. A new Postgres cluster is copied from
// template.go's cache, since initdb takes a second.
//
// disk.go is a disk for a server's data that can be full, slow or without power.
//
// The package knows nothing of heyq's schema and nothing of testing: package
// testkit adapts it to tests.
package testservers
