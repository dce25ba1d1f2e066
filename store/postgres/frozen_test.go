package postgres_test

import (
	"sync"
	"testing"

	"heyq/internal/fault"
	"heyq/internal/testkit"
	"heyq/store"
	"heyq/store/postgres/postgrestest"
)

// A process that is stopped in the middle of a transaction keeps its locks, and
// its kernel answers for it. Others must not have to wait until it goes on.
func TestTransaction_of_a_frozen_process_real(t *testing.T) {
	t.Parallel()
	s := open(t, postgrestest.URL(t))
	creation := func(answer func()) store.Creation {
		return store.Creation{
			Videos: []store.NewVideo{newVideo()},
			Once: &store.Once{UserID: store.DefaultUser, Key: "order-1", Answer: func([]store.Video) ([]byte, error) {
				answer()
				return []byte("{}"), nil
			}},
		}
	}
	frozen, asleep, thawed := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	thaw := sync.OnceFunc(func() { close(asleep) })
	t.Cleanup(thaw)
	go func() {
		_, err := s.CreateVideos(t.Context(), creation(func() {
			close(frozen)
			<-asleep
		}))
		thawed <- err
	}()
	<-frozen
	testkit.Eventually(t, func() error {
		created, err := s.CreateVideos(t.Context(), creation(func() {}))
		if err == nil && created.Replayed {
			t.Error("the frozen one's creation was answered with")
		}
		return err
	})
	thaw()
	if err := <-thawed; fault.CodeOf(err) != fault.Unavailable {
		t.Errorf("the frozen one: %v, want that the database is unavailable", err)
	}
}
