package jobs_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"heyq/internal/fault"
	"heyq/jobs"
	"heyq/store"
	"heyq/store/postgres"
	"heyq/store/postgres/postgrestest"
)

// shop is another service with tables of its own beside heyq's.
type shop struct {
	conn *pgx.Conn
	db   *postgres.Store // heyq's own view, outside the shop's transactions
}

func openShop(t *testing.T) *shop {
	t.Helper()
	url := postgrestest.URL(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.WithoutCancel(t.Context())) })
	if _, err := conn.Exec(t.Context(), "CREATE TABLE orders (video_id uuid)"); err != nil {
		t.Fatal(err)
	}
	return &shop{conn: conn, db: postgrestest.Open(t, url)}
}

// order creates a video and an order in one transaction, which ends as then says.
func (s *shop) order(ctx context.Context, v jobs.NewVideo, then error) (id uuid.UUID, err error) {
	err = pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		video, err := jobs.NewClient(postgres.InTx(tx)).CreateVideo(ctx, v)
		if err != nil {
			return err
		}
		id = video.ID
		if _, err := tx.Exec(ctx, "INSERT INTO orders VALUES ($1)", id); err != nil {
			return err
		}
		return then
	})
	return id, err
}

func (s *shop) orders(t *testing.T) (n int) {
	t.Helper()
	if err := s.conn.QueryRow(t.Context(), "SELECT count(*) FROM orders").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestClient_in_the_callers_transaction_real(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	committed, err := s.order(t.Context(), valid("script"), nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := s.db.Video(t.Context(), store.Everyone(), committed)
	if err != nil || v.State != store.Queued {
		t.Errorf("after the commit: %+v, %v", v, err)
	}

	changedMind := errors.New("the card was declined")
	rolledBack, err := s.order(t.Context(), valid("script"), changedMind)
	if !errors.Is(err, changedMind) || rolledBack == uuid.Nil {
		t.Fatalf("got %v, %v", rolledBack, err)
	}
	if _, err := s.db.Video(t.Context(), store.Everyone(), rolledBack); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("after the rollback: %v, want no such video", err)
	}
	claims, err := s.db.Admit(t.Context(), 10)
	if err != nil || len(claims) != 1 || claims[0].Video != committed {
		t.Errorf("a dispatcher sees %v, %v; want the committed video alone", claims, err)
	}
	if n := s.orders(t); n != 1 {
		t.Errorf("%d orders", n)
	}
}

func TestClient_refuses_without_harm_to_the_callers_transaction_real(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	err := pgx.BeginFunc(t.Context(), s.conn, func(tx pgx.Tx) error {
		client := jobs.NewClient(postgres.InTx(tx))
		if _, err := client.CreateVideo(t.Context(), jobs.NewVideo{}); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("got %v", err)
		}
		// An id that is taken is refused by the database itself, which ends a
		// transaction that has no savepoint.
		taken, err := valid("script").Prepare()
		if err != nil {
			return err
		}
		creation := store.Creation{Videos: []store.NewVideo{taken}}
		if _, err := client.Create(t.Context(), creation); err != nil {
			return err
		}
		if _, err := client.Create(t.Context(), creation); err == nil {
			t.Error("one id was taken twice")
		}
		_, err = tx.Exec(t.Context(), "INSERT INTO orders VALUES ($1)", taken.ID)
		return err
	})
	if err != nil || s.orders(t) != 1 {
		t.Errorf("the caller's own work was lost: %v", err)
	}
}
