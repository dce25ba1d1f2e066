package operate_test

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/rs/zerolog"

	"heyq/dispatch"
	"heyq/internal/testkit"
	"heyq/jobs"
	"heyq/store"
	"heyq/store/postgres/postgrestest"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// dispatched is a dispatcher on real Postgres and Redis.
type dispatched struct {
	*dispatch.Dispatcher
	db     store.Store
	client *jobs.Client
	redis  redis.UniversalClient
}

func newDispatched(t *testing.T, slots int, client redis.UniversalClient) *dispatched {
	t.Helper()
	db := postgrestest.Open(t, postgrestest.URL(t))
	return &dispatched{db: db, client: jobs.NewClient(db), redis: client, Dispatcher: dispatch.New(dispatch.Options{
		Store: db, Sender: dispatch.NewSender(client, db), Slots: slots, Window: 1000, Log: zerolog.Nop(),
	})}
}

func (d *dispatched) create(t *testing.T, n int) {
	t.Helper()
	list := make([]jobs.NewVideo, n)
	for i := range list {
		list[i] = hello
	}
	if _, err := d.client.CreateVideos(t.Context(), list); err != nil {
		t.Fatal(err)
	}
}
