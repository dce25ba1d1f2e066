package main

import (
	"regexp"
	"strings"
	"testing"

	"heyq/internal/fault"
)

// of the API's words, none belongs into a shell.
var apiWords = regexp.MustCompile(`/v1/|GET |POST |the body|\?[a-z_]+=|query\.|header\.|\{"|nobody knows`)

// A shell says what can be typed, and each other entrance what can be sent.
func TestAdvice_is_given_in_each_entrance_s_words(t *testing.T) {
	t.Parallel()
	const id = "0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"
	for _, advice := range fault.Advices() {
		http, shell, known := advice.Words(id)
		if !known || http == "" || http == shell || apiWords.MatchString(shell) || strings.Contains(http, "heyq ") || strings.Contains(http+shell, "{}") {
			t.Errorf("%s: over HTTP %q, in a shell %q", advice, http, shell)
		}
		if command := regexp.MustCompile(`heyq ((?:[a-z-]+ ?)+(?:` + id + `|ID)?)`).FindStringSubmatch(shell); command != nil {
			words := strings.Fields(command[1])
			if before, _, ok := strings.Cut(command[1], " whether"); ok {
				words = strings.Fields(before)
			}
			checkCommand(t, words)
		}
	}
}

func TestE2E_refusals_in_a_shell_s_words(t *testing.T) {
	t.Parallel()
	environ := startUp(t)
	const nobody = "0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"
	waiting := made(t, environ, append(hello, "--not-before", "2099-01-01T00:00:00Z")...)
	keyed := append([]string{"videos", "create", "--idempotency-key", "k"}, hello...)
	heyq(t, environ, keyed...).wantOK(t)
	for _, c := range []struct{ command, says string }{
		{"videos get " + nobody, "list them with heyq videos list"},
		{"videos retry " + nobody, "list them with heyq videos list"},
		{"videos download " + waiting, "heyq videos watch " + waiting},
		{"notifications redeliver " + nobody, "heyq notifications list ID"},
		{"videos create --script Hello", "the video is not valid"},
		{"videos create --template-id t --idempotency-key k", "was used for another request"},
		{"videos create --template-id t --idempotency-key " + strings.Repeat("k", 300), "--idempotency-key"},
		{"videos list --state odd", "--state"},
		{"jobs list --limit 5000", "--limit"},
		{"videos resolve " + waiting + " --give-up", "not under review"},
		{"schedule run odd", "odd"},
	} {
		got := heyq(t, environ, strings.Split(c.command, " ")...)
		if got.code == 0 || !strings.Contains(got.stderr, c.says) {
			t.Errorf("heyq %s: exit code %d, want %q in\n%s", c.command, got.code, c.says, got.stderr)
		}
		if word := apiWords.FindString(got.stderr); word != "" {
			t.Errorf("heyq %s says %q:\n%s", c.command, word, got.stderr)
		}
	}
}
