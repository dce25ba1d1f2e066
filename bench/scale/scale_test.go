package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// A small run, to the end.
func TestRun(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-videos", "100,200", "-looks", "1", "-stores", "sqlite"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, q := range questions {
		if !strings.Contains(out.String(), q.name) {
			t.Errorf("%q is not in it:\n%s", q.name, &out)
		}
	}
}

func TestRun_refuses(t *testing.T) {
	for args, want := range map[string]string{
		"-videos 200,100": "smaller number first",
		"-videos many":    `"many"`,
		"-looks 0":        "-looks",
		"-stores mysql":   "postgres and sqlite",
		"more":            `"more" is no flag`,
	} {
		err := run(t.Context(), strings.Fields(args), io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", args, err, want)
		}
	}
}
