package heyq_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fence keeps an import, or the use of a name, out of some of the tree.
type fence struct {
	what   string   // import path, with everything below it; or package.Name
	from   []string // folders and files that must keep clear of it; empty: all
	except []string // and those of them that need not
	tests  bool     // holds for test files as well
	remedy string
}

// fences is what the arrows between rooms, in docs/architecture.md, do not say.
var fences = []fence{
	{
		what: "heyq/handlers", from: []string{"jobs", "dispatch", "operate", "heygen", "store", "media", "config"},
		remedy: "handlers stand at the end; move what both need to jobs or store",
	},
	{
		what: "heyq/media", from: []string{"jobs", "heygen", "store", "config"},
		remedy: "jobs is imported by other services and must stay light; let a handler call media",
	},
	{
		what: "heyq/heygen", from: []string{"jobs", "store", "media", "config", "api", "internal/heygenhook", "internal/policy"},
		remedy: "only handlers, app and cmd speak with HeyGen, and operate/endpoint of its webhooks; translate its answer to the domain's types there",
	},
	{
		what: "heyq/store", from: []string{"heygen", "media", "config", "internal/heygenhook"},
		remedy: "heygen and media know nothing of rows; let a handler bring the two together",
	},
	{
		what: "heyq/api", from: []string{"handlers", "jobs", "dispatch", "operate", "store", "heygen", "media", "config"},
		remedy: "a worker runs without HTTP; move what both need to jobs or store",
	},
	{
		what: "heyq/web", except: []string{"app", "web"},
		remedy: "the pages stand at the end; only app builds them",
	},
	{
		what: "heyq/client", except: []string{"cmd", "client", "bench", "chaos", "examples"},
		remedy: "heyq does not call itself over HTTP; only its commands, and other programs, do",
	},
	{
		what: "heyq/app", from: []string{"api", "handlers", "jobs", "dispatch", "operate", "store", "heygen", "media", "config", "internal"},
		remedy: "only cmd/heyq sees app; take what you need as a parameter and let app pass it in",
	},
	{
		what: "heyq/internal", from: []string{"examples"},
		remedy: "an example is what another module could write, and that sees nothing of internal",
	},
	{
		what: "heyq/internal/testkit", except: []string{"bench", "internal/testkit", "store/postgres/postgrestest"},
		remedy: "product code must not be tied to its tests",
	},
	{
		what: "heyq/internal/testservers", except: []string{"bench", "chaos", "internal/testkit", "internal/testservers"},
		remedy: "product code must not start servers; only tests, benchmarks and the chaos program do",
	},
	{
		what: "github.com/jackc/pgx", except: []string{"store/postgres", "bench", "chaos", "examples", "internal/testkit", "internal/testservers"},
		remedy: "add a method to store.Store and implement it in store/postgres",
	},
	{
		what: "github.com/redis/go-redis", from: []string{"jobs", "wire", "client"},
		remedy: "jobs is imported by other services and must stay light; send through dispatch",
	},
	{
		what: "github.com/hibiken/asynq", except: []string{"dispatch", "operate", "handlers", "app", "bench", "api/dashboard"},
		remedy: "send through dispatch, handle in handlers, construct in app",
	},
	{
		what: "github.com/go-json-experiment/json", except: []string{"internal/text"},
		remedy: "internal/text is the one rule for what is read strictly; ask it",
	},
	{
		what: "github.com/sony/gobreaker", except: []string{"internal/policy"},
		remedy: "take a *policy.Breaker; where it stands is decided in one place a side",
	},
	{
		what: "go.opentelemetry.io", except: []string{"internal/trace", "app"},
		remedy: "start spans with internal/trace; only app knows where they go",
	},
	{
		what: "github.com/hibiken/asynqmon", except: []string{"api/dashboard"},
		remedy: "heyq's own pages and commands show rows; only the dashboard shows asynq's",
	},
	{
		what: "os.Exit", except: []string{"cmd/heyq/main.go"}, tests: true,
		remedy: "return an error; main turns it into an exit code",
	},
	{
		what: "os.Getenv", except: environment,
		remedy: "add a field to config.Config and take it as a parameter",
	},
	{
		what: "os.LookupEnv", except: environment,
		remedy: "add a field to config.Config and take it as a parameter",
	},
	{
		what: "os.Environ", except: environment,
		remedy: "take the environment as a parameter; main passes it on",
	},
}

var environment = []string{"config", "cmd/heyq/main.go", "bench", "examples", "internal/testkit", "internal/testservers"}

func TestImports_stay_inside_the_map(t *testing.T) {
	for path, file := range sources(t) {
		for _, breach := range breaches(path, file) {
			t.Error(breach)
		}
	}
}

// The table of rooms in docs/architecture.md has every arrow between them, and no
// other: what it shows is how heyq is. Only the leaves in internal have none: every
// room may use them, and they use none.
func TestImports_are_the_arrows_of_the_house(t *testing.T) {
	told := map[string]bool{}
	row := regexp.MustCompile("(?m)^\\| `(\\w+)` \\| .* \\|(.*)\\|$")
	for _, match := range slices.Backward(row.FindAllStringSubmatch(read(t, "docs/architecture.md"), -1)) {
		told[match[1]] = false
		for _, other := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(match[2], -1) {
			if _, below := told[other[1]]; !below {
				t.Errorf("docs/architecture.md: %s uses %s, which stands above it: arrows go down", match[1], other[1])
			}
			told[match[1]+" uses "+other[1]] = false
		}
	}
	for path, file := range sources(t) {
		room, _, _ := strings.Cut(path, "/")
		if strings.HasSuffix(path, "_test.go") || room == "bench" || room == "chaos" || !strings.Contains(path, "/") {
			continue
		}
		if _, ok := told[room]; !ok {
			t.Fatalf("%s: the house in docs/architecture.md has no room %s", path, room)
		}
		told[room] = true
		for _, name := range uses(file) {
			inside, ours := strings.CutPrefix(name, "heyq/")
			other, _, _ := strings.Cut(inside, "/")
			if !ours || other == room || other == "internal" {
				continue
			}
			arrow := room + " uses " + other
			if _, ok := told[arrow]; !ok {
				t.Errorf("%s: %s, and docs/architecture.md has no such arrow: take what you need as a parameter, or move it", path, arrow)
			}
			told[arrow] = true
		}
	}
	for what, seen := range told {
		if !seen {
			t.Errorf("docs/architecture.md has %q, and the code has not", what)
		}
	}
}

// The picture beside the table has its arrows, but for those that others lead to.
func TestImports_are_drawn(t *testing.T) {
	page := read(t, "docs/architecture.md")
	uses := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| .* \\|(.*)\\|$").FindAllStringSubmatch(page, -1) {
		for _, other := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(row[2], -1) {
			uses[row[1]] = append(uses[row[1]], other[1])
		}
	}
	var leads func(from, to string) bool
	leads = func(from, to string) bool {
		return from == to || slices.ContainsFunc(uses[from], func(next string) bool { return leads(next, to) })
	}
	var want, drawn []string
	for room, others := range uses {
		for _, other := range others {
			if !slices.ContainsFunc(others, func(next string) bool { return next != other && leads(next, other) }) {
				want = append(want, room+" --> "+other)
			}
		}
	}
	_, picture, _ := strings.Cut(page, "```mermaid\ngraph TD\n")
	picture, _, _ = strings.Cut(picture, "```")
	for line := range strings.Lines(picture) {
		room, others, _ := strings.Cut(strings.TrimSpace(line), " --> ")
		for other := range strings.SplitSeq(others, " & ") {
			drawn = append(drawn, room+" --> "+other)
		}
	}
	slices.Sort(want)
	slices.Sort(drawn)
	if !slices.Equal(want, drawn) {
		t.Errorf("docs/architecture.md draws\n%s\nand its table means\n%s", strings.Join(drawn, "\n"), strings.Join(want, "\n"))
	}
}

// sources are the Go files of the tree, by their paths with slashes.
func sources(t *testing.T) map[string]*ast.File {
	t.Helper()
	files, err := parsed()
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("looked at %d files only: this test runs in the wrong folder", len(files))
	}
	return files
}

// parsed holds them for all tests; positions says where in them something stands.
var (
	positions = token.NewFileSet()
	parsed    = sync.OnceValues(func() (map[string]*ast.File, error) {
		files := map[string]*ast.File{}
		err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && path != "." || d.Name() == "testdata" || path == "internal/deps"):
				return fs.SkipDir
			case d.IsDir() || filepath.Ext(path) != ".go":
				return nil
			}
			file, err := parser.ParseFile(positions, path, nil, parser.SkipObjectResolution)
			files[filepath.ToSlash(path)] = file
			return err
		})
		return files, err
	})
)

// The map is worth nothing if a breach goes unseen.
func TestImports_breaches_are_seen(t *testing.T) {
	for _, c := range []struct {
		path, source, want string // an empty want: allowed
	}{
		{"jobs/client.go", `import "heyq/handlers"`, "heyq/handlers"},
		{"jobs/client.go", `import _ "heyq/heygen/simulator"`, "heyq/heygen"},
		{"jobs/client_test.go", `import "heyq/handlers"`, ""},
		{"handlers/video_poll.go", `import "heyq/api"`, "heyq/api"},
		{"handlers/video_poll.go", `import "heyq/apiary"`, ""},
		{"store/postgres/end.go", `import "heyq/heygen"`, "heyq/heygen"},
		{"heygen/client.go", `import "heyq/store"`, "heyq/store"},
		{"api/videos.go", `import "github.com/jackc/pgx/v5"`, "github.com/jackc/pgx"},
		{"store/postgres/end.go", `import "github.com/jackc/pgx/v5/pgxpool"`, ""},
		{"api/videos_test.go", `import "github.com/jackc/pgx/v5"`, ""},
		{"api/videos.go", `import "github.com/hibiken/asynq"`, "github.com/hibiken/asynq"},
		{"app/worker.go", `import "github.com/hibiken/asynq"`, ""},
		{"media/spool.go", `import "heyq/internal/testservers"`, "heyq/internal/testservers"},
		{"examples/shop/main.go", `import "heyq/internal/fault"`, "heyq/internal"},
		{"examples/shop/main_test.go", `import "heyq/internal/testkit"`, ""},
		{"app/api.go", "import \"os\"\nfunc f() { os.Exit(1) }", "os.Exit"},
		{"app/api_test.go", "import \"os\"\nfunc f() { os.Exit(1) }", "os.Exit"},
		{"app/api.go", "import sys \"os\"\nvar get = sys.Getenv", "os.Getenv"},
		{"app/api_test.go", "import \"os\"\nvar get = os.Getenv", ""},
		{"app/api.go", "import \"os\"\nvar _ = os.Environ()", "os.Environ"},
		{"cmd/heyq/main.go", "import \"os\"\nfunc main() { _ = os.Environ(); os.Exit(0) }", ""},
		{"cmd/heyq/up.go", "import \"os\"\nfunc f() { os.Exit(0) }", "os.Exit"},
	} {
		file, err := parser.ParseFile(token.NewFileSet(), c.path, "package p\n"+c.source, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := breaches(c.path, file)
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)) {
			t.Errorf("%s with %q: got %q, want %q", c.path, c.source, got, c.want)
		}
	}
}

// breaches says which fences a file steps over.
func breaches(path string, file *ast.File) []string {
	var list []string
	used := uses(file)
	for _, f := range fences {
		if !f.holds(path) {
			continue
		}
		for _, name := range used {
			if name == f.what || strings.HasPrefix(name, f.what+"/") {
				list = append(list, fmt.Sprintf("%s uses %s, which %s must not: %s", path, name, f.subject(), f.remedy))
			}
		}
	}
	return list
}

// holds reports whether the fence stands around that file.
func (f fence) holds(path string) bool {
	if strings.HasSuffix(path, "_test.go") && !f.tests {
		return false
	}
	under := func(folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }
	return (len(f.from) == 0 || slices.ContainsFunc(f.from, under)) && !slices.ContainsFunc(f.except, under)
}

func (f fence) subject() string {
	if len(f.from) > 0 {
		return strings.Join(f.from, ", ")
	}
	return "anything but " + strings.Join(f.except, ", ")
}

// uses lists what a file imports, and what it names of package os.
func uses(file *ast.File) []string {
	var list []string
	osName := ""
	for _, spec := range file.Imports {
		path, _ := strconv.Unquote(spec.Path.Value) // the parser has seen to the quotes
		list = append(list, path)
		if path != "os" {
			continue
		}
		osName = "os"
		if spec.Name != nil {
			osName = spec.Name.Name
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := selector.X.(*ast.Ident); ok && osName != "" && x.Name == osName {
			list = append(list, "os."+selector.Sel.Name)
		}
		return true
	})
	return list
}
