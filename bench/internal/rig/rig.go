// Package rig is what the programs of bench/ have in common: how they start, the
// flags that each of them has, the folder that they work in, and the heyq that they
// measure.
package rig

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"heyq/internal/testservers"
)

// Main runs a program until it is done or interrupted. If it fails, its error is
// logged under its name and the exit code is 1.
func Main(name string, run func(ctx context.Context, args []string, stdout, stderr io.Writer) error) {
	log.SetFlags(0)
	log.SetPrefix(name + ": ")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		log.Fatalln(err) // exit code 1
	}
}

// Flags are a program's: its own, and those that each has.
type Flags struct {
	*flag.FlagSet
	Heyq string // the program to measure; Run sees to it that it is there

	dir     string
	timeout time.Duration
}

// NewFlags returns -dir and -timeout, to which a program adds its own.
func NewFlags(name string, stderr io.Writer, timeout time.Duration) *Flags {
	f := &Flags{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError)}
	f.SetOutput(stderr)
	f.StringVar(&f.dir, "dir", "", "folder to work in, say on another disk (default: the system's temporary one)")
	f.DurationVar(&f.timeout, "timeout", timeout, "give up after this")
	return f
}

// TakesHeyq adds -heyq.
func (f *Flags) TakesHeyq() {
	f.StringVar(&f.Heyq, "heyq", "", "heyq binary to measure (default: built from this checkout)")
}

// Names adds a flag for some of the names that there are. Without it all are in list.
func (f *Flags) Names(list *[]string, name, usage string, all ...string) {
	*list = all
	f.Func(name, fmt.Sprintf("%s (default %s)", usage, strings.Join(all, ",")), func(value string) error {
		*list = strings.Split(value, ",")
		for _, word := range *list {
			if !slices.Contains(all, word) {
				return fmt.Errorf("there are %s", strings.Join(all, " and "))
			}
		}
		return nil
	})
}

// Parse reads args, and refuses what is no flag.
func (f *Flags) Parse(args []string) error {
	if err := f.FlagSet.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 {
		return fmt.Errorf("%q is no flag", f.Arg(0))
	}
	return nil
}

// Run does work in a new folder, which is removed afterwards. The context of work
// ends after -timeout, which the error then says.
func (f *Flags) Run(ctx context.Context, work func(ctx context.Context, dir string) error) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, f.timeout, fmt.Errorf("not done within %s (-timeout)", f.timeout))
	defer cancel()
	if f.dir != "" {
		if err := os.MkdirAll(f.dir, 0o755); err != nil {
			return err
		}
	}
	dir, err := os.MkdirTemp(f.dir, "heyq-"+f.Name()+"-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if dir, err = filepath.Abs(dir); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil { // Postgres may run as another user, and must get in
		return err
	}
	if err := f.findHeyq(ctx, dir); err != nil {
		return err
	}
	err = work(ctx, dir)
	if cause := context.Cause(ctx); err != nil && cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

func (f *Flags) findHeyq(ctx context.Context, dir string) (err error) {
	switch {
	case f.Lookup("heyq") == nil:
		return nil
	case f.Heyq == "":
		f.Heyq = filepath.Join(dir, "heyq")
		return testservers.BuildHeyq(ctx, f.Heyq)
	}
	f.Heyq, err = filepath.Abs(f.Heyq)
	return err
}
