package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"heyq/internal/fault"
	"heyq/internal/testkit"
	"heyq/store/sqlite/sqlitetest"
)

// outcome is what a command did.
type outcome struct {
	code           int
	stdout, stderr string
}

// heyq runs a command to its end, with these variables and no others.
func heyq(t *testing.T, environ []string, args ...string) outcome {
	t.Helper()
	return heyqReading(t, "", environ, args...)
}

// heyqReading does the same with something on standard input.
func heyqReading(t *testing.T, stdin string, environ []string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
	defer cancel()
	var stdout, stderr bytes.Buffer
	code := run(ctx, args, environ, strings.NewReader(stdin), &stdout, &stderr)
	return outcome{code, stdout.String(), stderr.String()}
}

// wantOK fails the test unless the command succeeded.
func (o outcome) wantOK(t *testing.T) outcome {
	t.Helper()
	if o.code != 0 {
		t.Fatalf("exit code %d\nstdout: %s\nstderr: %s", o.code, o.stdout, o.stderr)
	}
	return o
}

// want fails the test unless the command ended with code and said all of words.
func (o outcome) want(t *testing.T, code int, words ...string) {
	t.Helper()
	if o.code != code {
		t.Errorf("exit code %d, want %d", o.code, code)
	}
	for _, w := range words {
		if !strings.Contains(o.stdout+o.stderr, w) {
			t.Errorf("%q is not said", w)
		}
	}
	if strings.Contains(o.stdout+o.stderr, "Usage:") {
		t.Error("an error is no reason to explain the usage")
	}
	if t.Failed() {
		t.Logf("stdout: %s\nstderr: %s", o.stdout, o.stderr)
	}
}

// decode reads the JSON on standard output, which is all that may be there.
func decode[T any](t *testing.T, o outcome) (v T) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(o.stdout))
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %q", err, o.stdout)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Fatalf("more than one object in %q", o.stdout)
	}
	return v
}

// startUp runs `heyq up` in this process until the test ends, with these variables and
// no others, and returns the environment of the commands that talk to it.
func startUp(t *testing.T, environ ...string) []string {
	t.Helper()
	return startUpOn(t, "127.0.0.1:0", environ...)
}

// startUpOn does the same with an address of the test's choice. Its tables are there
// before it starts.
func startUpOn(t *testing.T, addr string, environ ...string) []string {
	t.Helper()
	dir := sqlitetest.Folder(t)
	sqlitetest.Write(t, filepath.Join(dir, "heyq.db"))
	return []string{"HEYQ_DIR=" + dir, "HEYQ_URL=" + serve(t, environ, "API ", "up", "--dir", dir, "--addr", addr, "--render-time", "100ms")}
}

// serve runs a command in this process until the test ends. It waits for the
// line with label and returns the word behind it.
func serve(t *testing.T, environ []string, label string, args ...string) string {
	t.Helper()
	return serveLogged(t, &bytes.Buffer{}, environ, label, args...)
}

// serveLogged does the same, and writes the log to stderr.
func serveLogged(t *testing.T, stderr *bytes.Buffer, environ []string, label string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	read, write := io.Pipe()
	code, ended := 0, make(chan struct{})
	go func() {
		defer close(ended)
		code = run(ctx, args, environ, strings.NewReader(""), write, zerolog.SyncWriter(stderr)) // as safe as a file
		write.Close()
	}()
	t.Cleanup(func() {
		cancel()
		if <-ended; code != 0 {
			t.Errorf("heyq %s ended with %d: %s", args[0], code, stderr)
		}
	})
	told := make(chan string, 1)
	go func() {
		defer close(told)
		for lines := bufio.NewScanner(read); lines.Scan(); { // to the end, or the command would wait
			_, rest, found := strings.Cut(lines.Text(), label)
			if found && len(told) == 0 {
				told <- strings.Fields(rest)[0]
			}
		}
	}()
	select {
	case word := <-told:
		return word // empty: it has ended, which the cleanup tells
	case <-time.After(testkit.Patience):
		t.Fatalf("heyq %s does not say its %s", args[0], label)
	}
	return ""
}

func TestRun_refuses_what_it_does_not_know(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args  string
		words []string
	}{
		{"vidoes", []string{`heyq has no command "vidoes"`, "did you mean heyq videos?"}},
		{"videos lst", []string{`heyq videos has no command "lst"`, "did you mean heyq videos list?"}},
		{"videos get", []string{"heyq videos get takes ids of videos; it got 0"}},
		{"up now", []string{"heyq up takes no arguments; it got 1"}},
		{"up --adr :1", []string{"unknown flag: --adr", "see heyq up --help"}},
		{"demo --videos many", []string{`"many"`, "see heyq demo --help"}},
		{"demo --videos 0", []string{"--videos must be 1 or more"}},
		{"simulator --concurrency 0", []string{"--concurrency must be 1 or more"}},
	} {
		t.Run(test.args, func(t *testing.T) {
			t.Parallel()
			heyq(t, nil, strings.Fields(test.args)...).want(t, 2, test.words...)
		})
	}
}

func TestRun_words_an_error_as_JSON(t *testing.T) {
	t.Parallel()
	o := heyq(t, nil, "videos", "get", "--json", "--bogus")
	var f struct{ Code, Message, Hint string }
	if err := json.Unmarshal([]byte(o.stderr), &f); err != nil {
		t.Fatalf("%v in %q", err, o.stderr)
	}
	if f.Code != "malformed" || f.Message == "" || f.Hint == "" || o.stdout != "" || o.code != 2 {
		t.Errorf("got %+v, exit code %d, stdout %q", f, o.code, o.stdout)
	}
}

func TestRun_ends_when_interrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stdout, stderr bytes.Buffer
	code := run(ctx, []string{"videos", "list"}, nil, strings.NewReader(""), &stdout, &stderr)
	if code != 130 || stderr.String() != "interrupted\n" {
		t.Errorf("exit code %d, stderr %q", code, &stderr)
	}
}

// Each code of a fault has an exit code of its own choosing.
func TestExitCodes_are_complete(t *testing.T) {
	t.Parallel()
	for _, code := range []fault.Code{
		fault.Malformed, fault.Invalid, fault.TooLarge, fault.NotFound, fault.Gone, fault.Conflict, fault.Unavailable, fault.Internal,
	} {
		if exitCodes[code] == 0 {
			t.Errorf("%s has no exit code", code)
		}
	}
}

func TestHelp_explains_each_command(t *testing.T) {
	t.Parallel()
	root := (&program{}).root()
	heyq(t, nil).wantOK(t)
	for _, group := range root.Commands() {
		if group.Short == "" {
			t.Errorf("%s has no short help", group.CommandPath())
		}
		for _, c := range group.Commands() {
			if c.Short == "" {
				t.Errorf("%s has no short help", c.CommandPath())
			}
		}
	}
}
