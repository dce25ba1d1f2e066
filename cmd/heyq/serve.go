package main

import (
	"cmp"
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"heyq/app"
	"heyq/cmd/heyq/internal/screen"
	"heyq/config"
	"heyq/internal/build"
	"heyq/internal/fault"
	"heyq/internal/logkey"
	"heyq/internal/logs"
)

// serving is a command that runs roles until it is told to stop.
type serving struct {
	*program
	name       string // of the command
	roles      []app.Role
	alone      bool // everything in one process: the embedded default is meant
	addr, dir  string
	embedded   bool
	simulator  bool
	readOnly   bool
	renderTime time.Duration

	addrVariable string                    // what addr sets; default HEYQ_ADDR
	refuse       func(config.Config) error // what the roles cannot work with
}

// command adds the flags that all roles have in common.
func (s *serving) command(c *cobra.Command) *cobra.Command {
	c.Args, s.name, s.refuse = wantsNone, c.Name(), s.refuseEmbedded
	c.Flags().StringVar(&s.addr, "addr", "", "where to listen (HEYQ_ADDR; default 127.0.0.1:8080)")
	c.Flags().StringVar(&s.dir, "dir", "", "folder for what heyq keeps on this machine (HEYQ_DIR; default ./heyq-data)")
	c.Flags().BoolVar(&s.embedded, "embedded", s.alone, "allow SQLite and a Redis inside this process where DATABASE_URL and REDIS_URL are not set")
	c.Flags().BoolVar(&s.simulator, "simulator", false, "use the simulator although DATABASE_URL is set (HEYQ_SIMULATOR)")
	c.Flags().DurationVar(&s.renderTime, "render-time", 3*time.Second, "how long the simulator renders, where HEYGEN_API_KEY is not set")
	c.RunE = func(c *cobra.Command, _ []string) error { return s.run(c.Context()) }
	return c
}

func (s *serving) run(ctx context.Context) error {
	// Who reads the lines may end before the roles do, as the runner of a Procfile
	// does. A line that cannot be written must not kill them with work in hand.
	signal.Ignore(syscall.SIGPIPE)
	flags := map[string]string{cmp.Or(s.addrVariable, "HEYQ_ADDR"): s.addr, "HEYQ_DIR": s.dir}
	if s.readOnly {
		flags["HEYQ_DASHBOARD_READ_ONLY"] = "true"
	}
	if s.simulator {
		flags["HEYQ_SIMULATOR"] = "true"
	}
	c, warnings, err := config.Load(s.override(flags))
	if err != nil {
		return err
	}
	if err := s.refuse(c); err != nil {
		return err
	}
	log, level := newLogger(c.Log, s.stderr)
	defer level.Close()
	defer toggleOnSignal(log, level)()
	announce(log, s.name)
	for _, w := range warnings {
		log.Warn().Str(logkey.Variable, w.Variable).Msg(w.Message)
	}
	a, err := app.New(ctx, app.Options{
		Config: c, Roles: s.roles, Simulator: app.Simulator{RenderTime: s.renderTime},
		Migrate: s.alone, Logger: log, Level: level, Build: build.Read(),
	})
	if err != nil {
		return err
	}
	s.showWhere(a.Where())
	return a.Run(ctx)
}

// override returns the environment with variables replaced, as flags do.
func (p *program) override(variables map[string]string) []string {
	environ := p.environ[:len(p.environ):len(p.environ)]
	for name, value := range variables {
		if value != "" {
			environ = append(environ, name+"="+value) // the last one counts
		}
	}
	return environ
}

// refuseEmbedded keeps a role that is meant for production from working on a
// database that no other process sees.
func (s *serving) refuseEmbedded(c config.Config) error {
	if s.embedded {
		return nil
	}
	err := fault.New(fault.Invalid, "this role needs a Postgres and a Redis that all processes share").
		WithHint("set what is missing, run everything in one process with `heyq up`, or allow the embedded ones with --embedded")
	if !c.Store.DatabaseURL.IsSet() {
		_ = err.WithField("DATABASE_URL", nil, "is not set; write postgres://user:password@host:5432/database")
	}
	if !c.Redis.URL.IsSet() {
		_ = err.WithField("REDIS_URL", nil, "is not set; write redis://:password@host:6379/0")
	}
	if len(err.Fields) == 0 {
		return nil
	}
	return err
}

// showWhere says what this process uses, and where to look.
func (s *serving) showWhere(w app.Where) {
	s.screen.Printf("%s heyq %s is running\n\n", screen.Good("✓"), s.name)
	s.screen.Pairs(
		[2]string{"API", screen.Bold(w.API)},
		[2]string{"API docs", w.Docs},
		[2]string{"Dashboard", w.Dashboard},
		[2]string{"Token", w.Token},
		[2]string{"Probes", w.Probe},
		[2]string{"HeyGen", w.HeyGen},
		[2]string{"Store", w.Store},
		[2]string{"Redis", w.Redis},
		[2]string{"Media", w.Media},
	)
	s.screen.Println()
}

// newLogger writes events as the configuration wants them. Its level is to be
// closed at the end.
func newLogger(c config.Log, w io.Writer) (zerolog.Logger, *logs.Level) {
	if c.Format == "pretty" || c.Format == "auto" && isTerminal(w) {
		w = zerolog.ConsoleWriter{Out: w, TimeFormat: time.TimeOnly}
	}
	return logs.New(w, c.Level)
}

// announce writes the first line of a process's log: which heyq this is.
func announce(log zerolog.Logger, command string) {
	log.Info().Str(logkey.Command, command).EmbedObject(build.Read()).Msg("heyq starts")
}

// isTerminal reports whether a person sits at a stream.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
