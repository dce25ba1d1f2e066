package main

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"heyq/internal/testkit"
	"heyq/jobs"
)

// completed returns what a shell would offer after args, without descriptions.
// wantCompleted checks what is offered after args. Who completes waits a second for
// heyq; a busy machine may take longer, and is asked once more.
func wantCompleted(t *testing.T, environ []string, want string, args ...string) {
	t.Helper()
	testkit.Eventually(t, func() error {
		o := heyq(t, environ, append([]string{"__complete"}, args...)...).wantOK(t)
		lines := strings.Split(strings.TrimSpace(o.stdout), "\n")
		for i, line := range lines {
			lines[i], _, _ = strings.Cut(line, "\t")
		}
		if got := strings.Join(lines, " "); got != want {
			return fmt.Errorf("%v offers %q, want %q", args, got, want)
		}
		return nil
	})
}

func TestComplete(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		line string // the last word is being typed; _ is an empty one
		want string // joined; the last word says what the shell may add by itself
	}{
		{"schedule run _", strings.Join(jobs.ScheduledNames(), " ") + " :4"},
		{"admission _", "pause resume status :4"},
		{"videos list --state _", "queued submitting rendering downloading completed failed cancelled :4"},
		{"videos import _", "csv :8"},           // files of this kind
		{"up --dir _", ":16"},                   // folders
		{"man _", ":16"},                        // folders
		{"up _", ":4"},                          // nothing
		{"videos create --file _", ":0"},        // files
		{"completion b", "bash :4"},             // and not a file
		{"videos get _", ":36"},                 // no heyq answers
		{"videos watch --interval 1s _", ":36"}, // the same
	} {
		t.Run(test.line, func(t *testing.T) {
			t.Parallel()
			args := strings.Fields(test.line)
			for i, arg := range args {
				args[i] = strings.TrimSuffix(arg, "_")
			}
			wantCompleted(t, []string{"HEYQ_URL=http://127.0.0.1:1"}, test.want, args...)
		})
	}
}

// The ids of videos come from the heyq that is running, newest first.
func TestComplete_ids(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	var ids []string
	for range 2 {
		created := decode[struct{ ID string }](t, heyq(t, environ, "videos", "create", "--json",
			"--title", "Hello", "--script", "Hello", "--avatar-id", "avatar_1", "--voice-id", "voice_1").wantOK(t))
		ids = slices.Insert(ids, 0, created.ID)
	}
	for _, test := range []struct {
		args []string
		want []string
	}{
		{[]string{"videos", "get", ""}, ids},
		{[]string{"videos", "watch", ids[0], ""}, ids[1:]},
		{[]string{"notifications", "list", ""}, ids},
		{[]string{"notifications", "redeliver", "--video", ""}, ids},
	} {
		wantCompleted(t, environ, strings.Join(append(slices.Clone(test.want), ":36"), " "), test.args...)
	}
}

// The scripts are those that their shells can read.
func TestComplete_scripts(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		script := heyq(t, nil, "completion", shell).wantOK(t).stdout
		if !strings.Contains(script, "heyq") || !strings.Contains(script, "__complete") {
			t.Errorf("the script for %s does not ask heyq", shell)
		}
		if shell != "bash" {
			continue
		}
		check := exec.Command("bash", "-n")
		check.Stdin = strings.NewReader(script)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("bash: %v: %s", err, out)
		}
	}
}
