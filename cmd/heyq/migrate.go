package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"heyq/app"
	"heyq/cmd/heyq/internal/screen"
	"heyq/config"
	"heyq/internal/fault"
	"heyq/store"
)

func (p *program) migrate() *cobra.Command {
	c := asGroup(&cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's tables up to date",
		Long: `Bring the database's tables up to date: those of DATABASE_URL, or of the SQLite
database in the data folder, which heyq also does by itself.`,
	})
	c.AddCommand(
		p.migration("up", "Apply the migrations that are missing", app.Store.Migrate),
		p.migration("status", "Say which migrations are applied", app.Store.Migrations),
	)
	return c
}

// migration is a command that makes one call and shows the migrations that it
// returns.
func (p *program) migration(name, short string, call func(app.Store, context.Context) ([]store.Migration, error)) *cobra.Command {
	c := &cobra.Command{Use: name, Short: short, Args: wantsNone}
	asJSON := jsonFlag(c)
	dir := c.Flags().String("dir", "", "folder for what heyq keeps on this machine (HEYQ_DIR; default ./heyq-data)")
	c.RunE = func(c *cobra.Command, _ []string) error {
		settings, _, err := config.Load(p.override(map[string]string{"HEYQ_DIR": *dir}))
		if err != nil {
			return err
		}
		s, err := app.OpenStore(c.Context(), settings)
		if err != nil {
			return err
		}
		list, err := call(s, c.Context())
		var drift []store.Drift
		if err == nil && !slices.ContainsFunc(list, func(m store.Migration) bool { return !m.Applied }) {
			drift, err = s.Drift(c.Context())
		}
		if err := errors.Join(err, s.Close()); err != nil {
			return err
		}
		if *asJSON {
			err = p.migrationsJSON(list, drift)
		} else {
			p.showMigrations(list)
			p.showDrift(drift)
		}
		if err == nil && slices.ContainsFunc(drift, func(d store.Drift) bool { return d.Missing }) {
			err = fault.New(fault.Conflict, "the tables lack what heyq's migrations made").
				WithHint("undo what was changed by hand, or restore a backup")
		}
		return err
	}
	return c
}

func (p *program) showMigrations(list []store.Migration) {
	if len(list) == 0 {
		p.screen.Printf("%s nothing to apply: the database is up to date\n", screen.Good("✓"))
	}
	for _, m := range list {
		switch {
		case !m.Applied:
			p.screen.Printf("%s %s  %s\n", screen.Dim("○"), m.Name, screen.Dim("not applied"))
		case m.At.IsZero():
			p.screen.Printf("%s %s\n", screen.Good("✓"), m.Name)
		default:
			p.screen.Printf("%s %s  %s\n", screen.Good("✓"), m.Name, screen.Dim(clock(m.At)))
		}
	}
}

// showDrift writes how the tables differ from what the migrations made.
func (p *program) showDrift(drift []store.Drift) {
	for _, d := range drift {
		if d.Missing {
			p.screen.Printf("%s missing: %s\n", screen.Bad("✗"), d.What)
		} else {
			p.screen.Printf("%s added by hand: %s\n", screen.Dim("○"), d.What)
		}
	}
}

func (p *program) migrationsJSON(list []store.Migration, drift []store.Drift) error {
	type migration struct {
		Name    string    `json:"name"`
		Applied bool      `json:"applied"`
		At      time.Time `json:"at,omitzero"`
	}
	shown := make([]migration, len(list))
	for i, m := range list {
		shown[i] = migration(m)
	}
	type difference struct {
		What    string `json:"what"`
		Missing bool   `json:"missing"`
	}
	differences := make([]difference, len(drift))
	for i, d := range drift {
		differences[i] = difference(d)
	}
	return p.json(map[string]any{"migrations": shown, "differences": differences})
}
