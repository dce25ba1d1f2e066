package media

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"heyq/internal/fault"
)

// root is the common beginning of all keys.
const root = "videos/"

// Prefix names what one run published: the keys videos/<video>/<run>/<name>.
type Prefix struct {
	Video   string
	Run     int64
	ModTime time.Time // of the newest file, or of the folder
}

// String returns the prefix as keys begin with it, the last slash included.
func (p Prefix) String() string {
	return root + p.Video + "/" + strconv.FormatInt(p.Run, 10) + "/"
}

// PrefixOf returns the prefix for a video's run. An id that could lead elsewhere
// (a slash, two dots, anything but letters, digits, dot, dash and underscore) is
// refused.
func PrefixOf(video string, run int64) (string, error) {
	if !safe(video) || run < 0 {
		return "", fault.New(fault.Invalid, "%q and %d are no video and run", video, run)
	}
	return Prefix{Video: video, Run: run}.String(), nil
}

// parsePrefix reads what String writes, and nothing else.
func parsePrefix(s string) (Prefix, bool) {
	video, rest, ok := strings.Cut(strings.TrimPrefix(s, root), "/")
	if !ok {
		return Prefix{}, false
	}
	run, err := strconv.ParseInt(strings.TrimSuffix(rest, "/"), 10, 64)
	p := Prefix{Video: video, Run: run}
	return p, err == nil && run >= 0 && safe(video) && p.String() == s
}

// splitKey cuts a key into its prefix and the file's name.
func splitKey(key string) (prefix Prefix, name string, ok bool) {
	i := strings.LastIndexByte(key, '/') + 1
	prefix, ok = parsePrefix(key[:i])
	return prefix, key[i:], ok && safe(key[i:])
}

var safeName = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$`)

// safe reports whether s is one element of a path that means itself on every
// file system and in every bucket.
func safe(s string) bool { return safeName.MatchString(s) && !strings.Contains(s, "..") }
