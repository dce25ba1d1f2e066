package client_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

const foreign = `// Package foreign is what a program of another module could be.
package foreign

import (
	"context"
	"errors"
	"iter"
	"net/http"

	"github.com/jackc/pgx/v5"

	"heyq/client"
	"heyq/jobs"
	"heyq/store"
	"heyq/store/postgres"
	"heyq/wire"
)

func ask(ctx context.Context, c *client.Client) (code wire.Code, fields []wire.FieldError, err error) {
	v, err := c.Videos.Create(ctx, wire.NewVideo{Render: wire.Render{TemplateID: "t"}}, "key")
	if e, ok := errors.AsType[*client.Error](err); ok && e.Code != wire.NotFound {
		return e.Code, e.Fields, err
	}
	var all iter.Seq2[client.Video, error] = c.Videos.All(ctx, client.VideoFilter{State: v.State})
	for range all {
	}
	return "", nil, err
}

func insert(ctx context.Context, tx pgx.Tx) (store.Video, error) {
	return jobs.NewClient(postgres.InTx(tx)).CreateVideo(ctx, jobs.NewVideo{})
}

func read(header http.Header, body []byte) (wire.EndedVideo, error) {
	ended, err := client.VerifyNotification(header, body, "whsec_")
	return ended.Data, err
}
`

// Another module builds with what docs/client.md says: a replacement in its go.mod.
func TestClient_is_imported_by_another_module(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	required, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	// What go mod tidy would find for it, which asks no network.
	module := regexp.MustCompile(`(?m)^module heyq$`).ReplaceAllLiteral(required, []byte("module example.com/foreign"))
	module = append(module, "\nrequire heyq v0.0.0\n\nreplace heyq => "+root+"\n"...)
	dir := t.TempDir()
	for name, content := range map[string][]byte{"go.mod": module, "go.sum": sums, "foreign.go": []byte(foreign)} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := exec.CommandContext(t.Context(), "go", "build", "./...")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off", "GOFLAGS=-mod=mod")
	if said, err := build.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}
