//go:build linux

package deploy_test

import (
	"bufio"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/gofrs/flock"
	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"heyq/internal/testkit"
	"heyq/internal/testservers"
)

// image is the root of heyq's container, built once for all tests from what
// .dockerignore lets through.
var image struct {
	sync.Once
	root string
	err  error
}

func TestMain(m *testing.M) {
	testkit.Main(m)
	if image.root != "" {
		_ = os.RemoveAll(image.root)
	}
}

const imageVersion = "v1.2.3-test"

// newImage returns the root of the container.
func newImage(t *testing.T) string {
	t.Helper()
	image.Do(func() {
		var source string
		var release func()
		if source, release, image.err = sourceFolder(); image.err != nil {
			return
		}
		defer release()
		if image.err = copyContext("..", source); image.err != nil {
			return
		}
		if image.root, image.err = os.MkdirTemp("", "heyq-image-"); image.err != nil {
			return
		}
		image.err = os.Chmod(image.root, 0o755) // as a container's is
		build := exec.Command(filepath.Join(source, "deploy", "container.sh"), image.root)
		build.Env = append(os.Environ(), "VERSION="+imageVersion)
		if out, err := build.CombinedOutput(); err != nil {
			image.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	if image.err != nil {
		t.Fatal(image.err)
	}
	return image.root
}

// sourceFolder returns an empty folder that has the same path each time, and is the
// caller's until release. Go compiles what it finds at another path anew: all of
// heyq, at each run.
func sourceFolder() (dir string, release func(), err error) {
	cache, err := testservers.CacheDir()
	if err != nil {
		return "", nil, err
	}
	dir = filepath.Join(cache, "image")
	lock := flock.New(dir + ".lock")
	if err := lock.Lock(); err != nil {
		return "", nil, err
	}
	release = func() { _ = lock.Unlock() }
	if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
		release()
		return "", nil, err
	}
	return dir, release, nil
}

// copyContext copies what a build is sent: the tree without what .dockerignore
// keeps back.
func copyContext(from, to string) error {
	ignore, err := os.Open(filepath.Join(from, ".dockerignore"))
	if err != nil {
		return err
	}
	defer ignore.Close()
	patterns, err := ignorefile.ReadAll(ignore)
	if err != nil {
		return err
	}
	matcher, err := patternmatcher.New(patterns)
	if err != nil {
		return err
	}
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil || d.IsDir() {
			if d.Name() == ".git" {
				return fs.SkipDir
			}
			return err
		}
		ignored, err := matcher.MatchesOrParentMatches(name)
		if err != nil || ignored {
			return err
		}
		if strings.HasSuffix(name, "_test.go") || strings.Contains(name, "secret/") {
			return fmt.Errorf("a build is sent %s", name)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(filepath.Join(to, name)), 0o755); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), content, info.Mode())
	})
}

// inImage is a command whose root is the container's, as the container's user.
// Who is not root is root in a user namespace of its own.
func inImage(t *testing.T, environ []string, args ...string) *exec.Cmd {
	t.Helper()
	root := newImage(t)
	c := exec.Command("/heyq", args...)
	c.Dir, c.Env = "/", environ
	c.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		c.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
		c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}}
		c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
		return c
	}
	const nobody = 65532
	c.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	for _, dir := range []string{"data", "tmp"} { // as COPY --chown does
		if err := os.Chown(filepath.Join(root, dir), nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// wantCommand fails the test unless heyq has such a command.
func wantCommand(t *testing.T, args ...string) {
	t.Helper()
	if out, err := inImage(t, nil, append(args, "--help")...).CombinedOutput(); err != nil || !strings.Contains(string(out), "Usage:") {
		t.Errorf("heyq %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestImage_is_static_and_small(t *testing.T) {
	t.Parallel()
	path := filepath.Join(newImage(t), "heyq")
	binary, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer binary.Close()
	for _, p := range binary.Progs {
		if p.Type == elf.PT_INTERP {
			t.Error("the binary wants a dynamic linker")
		}
	}
	if libraries, err := binary.ImportedLibraries(); err != nil || len(libraries) > 0 {
		t.Errorf("the binary wants %v (%v)", libraries, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("the binary has %d MB", info.Size()>>20)
	if info.Size() > 100<<20 {
		t.Error("that is not small")
	}
}

// In a root with nothing else in it heyq starts, finds itself ready, and ends.
func TestImage_runs_with_an_empty_root(t *testing.T) {
	t.Parallel()
	c := inImage(t, []string{"HEYQ_DIR=/data", "HEYQ_LOG_FORMAT=json", "ZONEINFO=/zoneinfo.zip", "TZ=Europe/Berlin"}, "up", "--addr", "127.0.0.1:0")
	stdout, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	c.Stderr = &log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	url := apiURL(stdout)
	if url == "" {
		t.Fatalf("it did not start: %v\n%s", c.Wait(), &log)
	}
	for _, path := range []string{"/healthz", "/readyz"} { // as the manifests probe it
		// A check has two seconds, which a busy machine may need for other things.
		testkit.Eventually(t, func() error {
			answer, err := http.Get(url + path)
			if err != nil {
				return err
			}
			_ = answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				return fmt.Errorf("%s answers %s", path, answer.Status)
			}
			return nil
		})
	}
	if out, err := inImage(t, []string{"HEYQ_URL=" + url}, healthcheck(t)[1:]...).CombinedOutput(); err != nil {
		t.Errorf("its own health check fails: %v\n%s", err, out)
	}
	var v struct{ Version string }
	out, err := inImage(t, nil, "version", "--json").Output()
	if err == nil {
		err = json.Unmarshal(out, &v)
	}
	if err != nil || v.Version != imageVersion {
		t.Errorf("it says that it is %q (%v)", v.Version, err)
	}
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err != nil {
		t.Errorf("it ended with %v\n%s", err, &log)
	}
}

// apiURL reads until heyq says where its API is, and goes on reading.
func apiURL(r io.Reader) string {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if _, url, found := strings.Cut(lines.Text(), "API "); found {
			go func() { _, _ = io.Copy(io.Discard, r) }()
			return strings.TrimSpace(url)
		}
	}
	return ""
}

// healthcheck is the command of the Dockerfile's HEALTHCHECK.
func healthcheck(t *testing.T) (command []string) {
	t.Helper()
	found := regexp.MustCompile(`(?m)^HEALTHCHECK .* CMD (\[.*\])$`).FindSubmatch(read(t, "Dockerfile"))
	if found == nil {
		t.Fatal("the Dockerfile has no HEALTHCHECK")
	}
	if err := json.Unmarshal(found[1], &command); err != nil {
		t.Fatal(err)
	}
	return command
}

func TestDockerfile(t *testing.T) {
	t.Parallel()
	text := string(read(t, "Dockerfile"))
	goVersion := regexp.MustCompile(`(?m)^go (\S+)$`).FindSubmatch(read(t, "go.mod"))[1]
	for _, want := range []string{
		"golang:" + string(goVersion) + "-", "\nFROM scratch\n", "\nUSER 65532:65532\n", `ENTRYPOINT ["/heyq"]`,
		"/etc/ssl/certs/ca-certificates.crt", "deploy/container.sh ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in it", want)
		}
	}
	known := strings.Fields("FROM WORKDIR COPY RUN ARG USER ENV VOLUME EXPOSE STOPSIGNAL HEALTHCHECK ENTRYPOINT CMD")
	joined := strings.ReplaceAll(text, "\\\n", " ")
	environ := map[string]string{}
	for line := range strings.Lines(joined) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word != "" && !strings.HasPrefix(word, "#") && !slices.Contains(known, word) {
			t.Errorf("there is no instruction %s", word)
		}
		if word == "ENV" {
			for pair := range strings.FieldsSeq(rest) {
				name, value, _ := strings.Cut(pair, "=")
				environ[name] = value
			}
		}
	}
	maps := map[string]string{"DATABASE_URL_FILE": "database-url", "REDIS_URL_FILE": "redis-url", "HEYGEN_API_KEY_FILE": "heygen-api-key"}
	for name, value := range maps {
		environ[name] = value
	}
	c := wantConfig(t, "Dockerfile", environ)
	port := regexp.MustCompile(`(?m)^EXPOSE (\d+)$`).FindStringSubmatch(text)
	if port == nil || c.HTTP.Addr != ":"+port[1] {
		t.Errorf("it listens at %s, which is not what it exposes (%v) to others than itself", c.HTTP.Addr, port)
	}
}

// A root that cannot be written to, an arbitrary user of the group of root (as OpenShift
// has), and a folder of that group: heyq writes to its folder and to nothing else. A
// folder that it may not write to it refuses with words.
func TestImage_runs_as_any_user_on_a_read_only_root(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		if ci, _ := strconv.ParseBool(os.Getenv("CI")); ci {
			t.Fatal("only root can mount, and become another user")
		}
		t.Skip("SKIPPED, NOTHING WAS TESTED: only root can mount, and become another user")
	}
	for mode, refusal := range map[os.FileMode]string{
		0o770 | os.ModeSetgid: "",
		0o750:                 "may not write to the data folder /data",
	} {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			if err := errors.Join(os.Chown(data, 0, 0), os.Chmod(data, mode)); err != nil {
				t.Fatal(err)
			}
			c := exec.Command("unshare", "--mount", "sh", "-ec", `
				mount --bind "$ROOT" "$ROOT"
				mount --bind "$DATA" "$ROOT/data"
				mount -o remount,bind,ro "$ROOT"
				exec chroot --userspec=1000770000:0 --groups= "$ROOT" /heyq up --addr 127.0.0.1:0`)
			c.Env = []string{"ROOT=" + newImage(t), "DATA=" + data, "PATH=" + os.Getenv("PATH"), "HEYQ_DIR=/data", "ZONEINFO=/zoneinfo.zip"}
			c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
			stdout, err := c.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			var log strings.Builder
			c.Stderr = &log
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = c.Process.Kill() })
			address := apiURL(stdout)
			if refusal != "" {
				if err := c.Wait(); err == nil || !strings.Contains(log.String(), refusal) {
					t.Errorf("%v, want words\n%s", err, &log)
				}
				return
			}
			if address == "" {
				t.Fatalf("it did not start: %v\n%s", c.Wait(), &log)
			}
			renderOne(t, address, filepath.Join(data, "operator-token"))
			if err := c.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			if err := c.Wait(); err != nil {
				t.Errorf("it ended with %v\n%s", err, &log)
			}
		})
	}
}

// renderOne sees a video to its end, its file included.
func renderOne(t *testing.T, address, tokenFile string) {
	t.Helper()
	token, err := os.ReadFile(tokenFile)
	if err != nil {
		t.Fatal(err)
	}
	call := func(method, path, body string) (v struct{ ID, State string }, err error) {
		req, err := http.NewRequestWithContext(t.Context(), method, address+path, strings.NewReader(body))
		if err != nil {
			return v, err
		}
		req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
		req.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(req)
		if err != nil {
			return v, err
		}
		defer answer.Body.Close()
		return v, json.NewDecoder(answer.Body).Decode(&v)
	}
	made, err := call(http.MethodPost, "/v1/videos", `{"script": "Hello.", "avatar_id": "avatar_1", "voice_id": "voice_1"}`)
	if err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, func() error {
		v, err := call(http.MethodGet, "/v1/videos/"+made.ID, "")
		if err == nil && v.State != "completed" {
			err = fmt.Errorf("the video is %q", v.State)
		}
		return err
	})
}
