package testkit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"heyq/internal/testservers"
)

// cluster is the Postgres that the tests of this process share. It is started
// by the first that wants it.
var cluster struct {
	sync.Mutex
	managed bool // Main will stop it
	server  *testservers.PostgresServer
	err     error
}

var errNoMain = errors.New("nobody would stop Postgres: add func TestMain(m *testing.M) { testkit.Main(m) } to this package")

// Main runs a package's tests and then stops the Postgres that they shared.
// The exit code is that of the tests.
func Main(m *testing.M) {
	cluster.Lock()
	cluster.managed = true
	cluster.Unlock()

	m.Run()

	cluster.Lock()
	defer cluster.Unlock()
	if cluster.server == nil {
		return
	}
	if err := cluster.server.Close(); err != nil {
		fmt.Fprintln(os.Stderr, "testkit:", err)
	}
}

// sharedCluster returns the cluster, and the same failure to each that asks.
func sharedCluster(ctx context.Context) (*testservers.PostgresServer, error) {
	cluster.Lock()
	defer cluster.Unlock()
	if !cluster.managed {
		return nil, errNoMain
	}
	if cluster.server == nil && cluster.err == nil {
		cluster.server, cluster.err = testservers.StartPostgres(ctx, "")
	}
	return cluster.server, cluster.err
}
