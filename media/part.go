package media

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/google/uuid"

	"heyq/internal/fault"
)

const (
	partSuffix  = ".part"
	aboutSuffix = ".json"
)

// worthKeeping is the size from which a part is kept. The note beside it costs a
// file; to fetch less than this again costs less.
const worthKeeping = 1 << 20

// about is what stands beside a part that can be gone on with. It is written
// before the part's first byte, so a part never has another file's.
type about struct {
	Boot   string `json:"boot"`
	Origin origin `json:"origin"`
}

// bootID names this run of the machine. A part outlives its process, not its
// machine: what of it was on the disk when the power went, nobody knows.
var bootID = sync.OnceValue(func() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return uuid.NewString() // not Linux: what another process left is not gone on with
	}
	return strings.TrimSpace(string(id))
})

// create opens an empty part of its own: two downloads of one name never share
// a file.
func (s *spool) create(name string) (*os.File, error) {
	path := s.path(name + "~" + uuid.NewString() + partSuffix)
	const flags = os.O_RDWR | os.O_CREATE | os.O_EXCL
	f, err := os.OpenFile(path, flags, fileMode)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if err := os.MkdirAll(filepath.Dir(path), folderMode); err != nil {
		return nil, err
	}
	return os.OpenFile(path, flags, fileMode)
}

// path is where a part lies while it is this library's.
func (s *spool) path(file string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(file))
	return filepath.Join(s.dir, fmt.Sprintf("%02x", byte(h.Sum32())), file)
}

// checkName refuses names that lead elsewhere.
func checkName(name string) error {
	if !safe(name) {
		return fault.New(fault.Invalid, "%q is no name for a file", name)
	}
	return nil
}

// nameOf reads the name out of a part's path.
func nameOf(path string) (name string, ok bool) {
	name, _, ok = strings.Cut(filepath.Base(path), "~")
	return name, ok && safe(name)
}

func aboutPath(part string) string { return strings.TrimSuffix(part, partSuffix) + aboutSuffix }

// note writes what is to stand beside a part.
func note(part string, o origin) error {
	text, err := json.Marshal(about{Boot: bootID(), Origin: o})
	if err != nil {
		return err
	}
	return os.WriteFile(aboutPath(part), text, fileMode)
}

// noted reads it; false says that the part cannot be gone on with.
func noted(part string) (origin, bool) {
	var a about
	text, err := os.ReadFile(aboutPath(part))
	if err != nil || json.Unmarshal(text, &a) != nil {
		return origin{}, false
	}
	return a.Origin, a.Boot == bootID() && a.Origin.Validator != ""
}

func removePart(path string) error {
	return errors.Join(ignoreGone(os.Remove(path)), ignoreGone(os.Remove(aboutPath(path))))
}

// movePart moves a part with its note to dir: the note first, for a part that has
// none is worth nothing.
func movePart(path, dir string) error {
	to := filepath.Join(dir, filepath.Base(path))
	if err := os.Rename(aboutPath(path), aboutPath(to)); err != nil {
		return err
	}
	if err := os.Rename(path, to); err != nil {
		_ = os.Remove(aboutPath(to))
		return err
	}
	return nil
}
