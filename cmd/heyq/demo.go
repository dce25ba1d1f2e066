package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"heyq/app"
	"heyq/client"
	"heyq/cmd/heyq/internal/screen"
	"heyq/cmd/heyq/internal/sheet"
	"heyq/config"
	"heyq/examples"
	"heyq/internal/build"
	"heyq/internal/fault"
	"heyq/store"
	"heyq/wire"
)

func (p *program) demo() *cobra.Command {
	c := &cobra.Command{
		Use:   "demo",
		Short: "Make twenty videos with a simulated HeyGen and show them",
		Long: `Make twenty videos with a simulated HeyGen and show them.

Everything runs in this process: SQLite, an embedded Redis, the simulator, the
API, workers and the scheduler. The real HeyGen is never called, and nothing
costs anything. The exit code is 0 only if every video completed and every file
on disk is the one that the API tells of.`,
		Args: wantsNone,
	}
	d := &demo{program: p}
	asJSON := jsonFlag(c)
	c.Flags().IntVar(&d.videos, "videos", 20, "how many; more than 20 repeat the people")
	c.Flags().StringVar(&d.dir, "dir", "./heyq-data/demo", "folder for everything that the demo keeps")
	c.Flags().DurationVar(&d.renderTime, "render-time", 3*time.Second, "how long the simulator renders")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if d.videos < 1 || d.renderTime < 0 {
			return fault.New(fault.Invalid, "--videos must be 1 or more, and --render-time must not be negative")
		}
		d.shown = p.screen
		if *asJSON {
			d.shown = p.aside
		}
		r, err := d.run(c.Context())
		if err != nil {
			return err
		}
		if *asJSON {
			if err := p.json(r); err != nil {
				return err
			}
		} else {
			p.showDemo(r)
		}
		return r.verdict()
	}
	return c
}

// demo is one run of the command.
type demo struct {
	*program
	videos     int
	dir        string
	renderTime time.Duration
	shown      *screen.Screen // for progress
}

// run starts a whole heyq, has it make the videos, and stops it again.
func (d *demo) run(ctx context.Context) (demoReport, error) {
	c, err := d.config()
	if err != nil {
		return demoReport{}, err
	}
	log, err := openLog(d.dir)
	if err != nil {
		return demoReport{}, err
	}
	defer log.Close()
	logger, level := newLogger(c.Log, log)
	defer level.Close()
	announce(logger, "demo")
	a, err := app.New(ctx, app.Options{
		Config: c, Roles: []app.Role{app.API, app.Worker, app.Scheduler}, Migrate: true,
		Simulator: app.Simulator{RenderTime: d.renderTime},
		Logger:    logger, Level: level, Build: build.Read(),
	})
	if err != nil {
		return demoReport{}, err
	}

	running, ctx := errgroup.WithContext(ctx)
	serve, stop := context.WithCancel(ctx)
	defer stop()
	before := a.Ledger() // nothing runs yet, so it is of earlier runs
	running.Go(func() error { return a.Run(serve) })
	made, took, err := d.make(ctx, a.Where(), a.OperatorToken())
	var r demoReport
	if err == nil {
		r = newDemoReport(made, before, a.Ledger(), took)
	}
	stop()
	if broken := running.Wait(); broken != nil {
		return r, broken
	}
	return r, err
}

// make creates the videos, waits for them and looks at what became of them.
func (d *demo) make(ctx context.Context, where app.Where, token config.Secret) (made []madeVideo, took time.Duration, err error) {
	client := client.New(where.API, token.Reveal())
	began := time.Now()
	ids, err := d.create(ctx, client.Videos)
	if err != nil {
		return nil, 0, err
	}
	if err := d.follow(ctx, client, ids); err != nil {
		return nil, 0, err
	}
	took = time.Since(began)
	for _, id := range ids {
		v, err := client.Videos.Get(ctx, id)
		if err != nil {
			return nil, 0, err
		}
		made = append(made, verify(d.dir, v))
	}
	return made, took, nil
}

// create asks for the videos of people.csv, over and over until there are
// enough.
func (d *demo) create(ctx context.Context, videos *client.Videos) ([]string, error) {
	people, err := sheet.Read(bytes.NewReader(examples.People))
	if err != nil {
		return nil, err
	}
	bodies := make([]json.RawMessage, d.videos)
	for i := range bodies {
		bodies[i] = people.Rows[i%len(people.Rows)].Body
	}
	d.shown.Printf("Making %s with a simulated HeyGen, in %s\n\n",
		screen.Bold(counted(d.videos, "video")), screen.Bold(d.dir))
	ids := make([]string, 0, d.videos)
	for chunk := range slices.Chunk(bodies, wire.MaxBatch) {
		items, err := videos.CreateBatch(ctx, client.Batch{Videos: chunk})
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			ids = append(ids, item.ID)
		}
	}
	return ids, nil
}

func (d *demo) follow(ctx context.Context, heyq *client.Client, ids []string) error {
	states := map[string]store.State{}
	tally := d.shown.Tally(len(ids))
	defer tally.Close()
	f := newFollower(heyq, ids, func(v client.Video) { states[v.ID] = v.State })
	return f.run(ctx, 250*time.Millisecond, func() { tally.Show(stateCounts(states)) })
}

// elsewhere are the variables that would lead the demo out of its folder, and
// whether to say that they are not used.
var elsewhere = map[string]bool{
	"HEYGEN_API_KEY": true, "DATABASE_URL": true, "REDIS_URL": true, "HEYQ_MEDIA_URL": true,
	"HEYGEN_API_URL": false, "HEYQ_DIR": false, "HEYQ_ADDR": false, "HEYQ_URL": false, "PORT": false,
}

// config is the configuration without what leads elsewhere.
func (d *demo) config() (config.Config, error) {
	kept := []string{"HEYQ_DIR=" + d.dir, "HEYQ_ADDR=127.0.0.1:0"}
	for _, entry := range d.environ {
		name, value, _ := strings.Cut(entry, "=")
		told, leads := elsewhere[strings.TrimSuffix(name, "_FILE")]
		if !leads {
			kept = append(kept, entry)
		} else if told && value != "" {
			d.aside.Printf("%s is set, and the demo does not use it\n", name)
		}
	}
	c, _, err := config.Load(kept)
	return c, err
}

// openLog opens the file that takes what would clutter the screen.
func openLog(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "cannot use the folder: %v", err).WithHint("choose another with --dir")
	}
	log, err := os.OpenFile(filepath.Join(dir, "heyq.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "cannot write there: %v", err).WithHint("choose another folder with --dir")
	}
	return log, nil
}
