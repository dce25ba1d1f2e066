package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"heyq/internal/fault"
	"heyq/internal/testkit"
	"heyq/store/postgres"
)

// In transaction mode what our connections set would land in those of others. It is
// refused before anything is set, however many connections the pooler holds ready.
func TestPooler_in_transaction_mode_real(t *testing.T) {
	t.Parallel()
	server := testkit.StartPostgres(t)
	for _, mode := range []string{"transaction", "statement"} {
		pooler := testkit.StartPgBouncer(t, server, mode)
		for range 3 {
			_, err := postgres.Open(t.Context(), pooler.URL("postgres"))
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || f.Code != fault.Invalid || !strings.Contains(f.Message, "transaction mode") || !strings.Contains(f.Hint, "session mode") {
				t.Errorf("%s mode: %v, want a refusal that names both modes", mode, err)
			}
		}
		// Connections that are in use by others change nothing.
		busy := connect(t, pooler.URL("postgres"))
		if mode == "transaction" {
			if _, err := busy.Exec(t.Context(), `BEGIN`); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := postgres.Open(t.Context(), pooler.URL("postgres")); fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s mode, while others work: %v, want a refusal", mode, err)
		}
		theirs := connect(t, pooler.URL("postgres"))
		for range 5 {
			var got string
			if err := theirs.QueryRow(t.Context(), `SHOW lock_timeout`).Scan(&got); err != nil && mode == "transaction" || got == "2s" {
				t.Errorf("%s mode: another client has our lock_timeout, %s (%v)", mode, got, err)
			}
		}
	}
}

// A pooler in session mode gives each of ours a connection for as long as it lives.
func TestPooler_in_session_mode_real(t *testing.T) {
	t.Parallel()
	server := testkit.StartPostgres(t)
	if _, err := server.CreateDatabase(t.Context(), "shop", ""); err != nil {
		t.Fatal(err)
	}
	pooler := testkit.StartPgBouncer(t, server, "session")
	s := open(t, pooler.URL("shop"))
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.CheckSchema(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, o := range opposite {
		if got, err := s.Setting(t.Context(), o.name); err != nil || got != o.want && o.name != "DateStyle" {
			t.Errorf("%s is %q (%v), want %q", o.name, got, err, o.want)
		}
	}
	for name, err := range everything(t.Context(), s) {
		if err != nil && name != "Video" && name != "Cancel" {
			t.Errorf("%s: %v", name, err)
		}
	}
	leads, ended, stop := lead(t, s)
	wait(t, "it leads", leads)
	short, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err := open(t, pooler.URL("shop")).Lead(short, "schedule", func(context.Context) error { return errors.New("two lead at once") })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("beside a leader: %v", err)
	}
	stop()
	wait(t, "it ends", ended)
	// What a client leaves behind is reset before the next one has it.
	var got string
	if err := connect(t, pooler.URL("shop")).QueryRow(t.Context(), `SHOW search_path`).Scan(&got); err != nil || got != "heyq, public" {
		t.Errorf("another client's search_path is %s, %v", got, err)
	}
}
