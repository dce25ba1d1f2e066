package main

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"heyq/internal/fault"
	"heyq/internal/testkit"
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
	lost := made(t, environ, hello...)
	heyq(t, environ, "videos", "watch", "--interval", "50ms", lost).wantOK(t)
	testkit.Eventually(t, func() error { // its first run has the file fetched again, the next one is a day away
		if o := heyq(t, environ, "schedule", "run", "files:verify", "--wait"); o.code != 0 {
			return errors.New(o.stderr)
		}
		return nil
	})
	files, err := filepath.Glob(filepath.Join(strings.TrimPrefix(environ[0], "HEYQ_DIR="), "media/videos", lost, "*", "video.mp4"))
	if err != nil || len(files) != 1 || os.Remove(files[0]) != nil {
		t.Fatalf("the file to lose is one of %v (%v)", files, err)
	}
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
		{"schedule run odd", "heyq schedule list"},
		{"jobs show odd", "heyq jobs list"},
		{"jobs show " + nobody, "heyq jobs list"},
		{"jobs requeue odd --yes", "heyq jobs list"},
		{"queues pause odd", "the queues are"},
		{"webhooks delete odd", "heyq webhooks list"},
		{"videos download " + lost, "heyq videos download --again " + lost},
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

// What both entrances tell names neither a command nor a route: an advice does, in the
// words of each.
func TestFaults_name_no_entrance(t *testing.T) {
	t.Parallel()
	var names []string
	for _, c := range (&program{}).root().Commands() {
		names = append(names, c.Name())
	}
	command := regexp.MustCompile(`heyq (` + strings.Join(names, "|") + `)\b`)
	said := []string{"New", "Wrap", "WithHint", "WithField"}
	read := 0
	for _, room := range []string{"api", "api/dashboard", "jobs", "operate", "operate/endpoint", "store", "store/sql"} {
		paths, err := filepath.Glob(filepath.Join("../..", room, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			check := func(text ast.Node, names func(string) bool) {
				if text, ok := text.(*ast.BasicLit); ok && text.Kind == token.STRING && names(text.Value) {
					t.Errorf("%s is %s; give it a fault.Advice", files.Position(text.Pos()), text.Value)
				}
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if !strings.HasPrefix(room, "api") { // whose documents speak of heyq
					check(n, command.MatchString)
				}
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				if f, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains(said, f.Sel.Name) {
					read++
					for _, arg := range call.Args {
						check(arg, func(text string) bool {
							return strings.Contains(text, "/v1/") || strings.HasPrefix(room, "api") && command.MatchString(text)
						})
					}
				}
				return true
			})
		}
	}
	if read < 100 {
		t.Errorf("only %d texts were read", read)
	}
}
