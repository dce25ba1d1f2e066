// Package statement names SQL statements after what they do and to which table,
// such as UPDATE videos, so that statistics can group them. It reads just enough
// of them for that, and knows no database.
package statement

import (
	"maps"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
)

// Names names statements and remembers the names, since a program has few texts
// and sends each of them often. The zero value is ready to use, also by many at
// once.
type Names struct {
	known atomic.Pointer[map[string]string]
	grow  sync.Mutex
}

// mostKnown is how many texts are remembered. Some are put together, by filters;
// no program of ours has so many.
const mostKnown = 512

// Of returns the name of a statement.
func (n *Names) Of(sql string) string {
	if known := n.known.Load(); known != nil {
		if name, ok := (*known)[sql]; ok {
			return name
		}
	}
	name := nameOf(sql)
	n.remember(sql, name)
	return name
}

func (n *Names) remember(sql, name string) {
	n.grow.Lock()
	defer n.grow.Unlock()
	grown := map[string]string{}
	if known := n.known.Load(); known != nil {
		if len(*known) >= mostKnown {
			return
		}
		grown = maps.Clone(*known)
	}
	grown[sql] = name
	n.known.Store(&grown)
}

var (
	comments = regexp.MustCompile(`(?m)--.*$|/\*(?s:.*?)\*/`)
	verb     = regexp.MustCompile(`^[\s(]*([A-Za-z]+)`)
	changes  = regexp.MustCompile(`(?i)\b(INSERT|DELETE|UPDATE)\s+(?:OR\s+\w+\s+)?(?:INTO\s+|FROM\s+)?(?:ONLY\s+)?"?([a-z_][a-z0-9_.]*)`)
	reads    = regexp.MustCompile(`(?i)\bFROM\s+"?([a-z_][a-z0-9_.]*)"?\s*(\(?)`)
)

// nameOf takes the first table that a statement changes, and where it changes
// none the first that it reads. A statement of no table is its first word.
func nameOf(sql string) string {
	sql = comments.ReplaceAllString(sql, "")
	first := verb.FindStringSubmatch(sql)
	if first == nil {
		return "other"
	}
	word := strings.ToUpper(first[1])
	switch word {
	case "SELECT", "INSERT", "UPDATE", "DELETE", "WITH":
	default:
		return word
	}
	for _, match := range changes.FindAllStringSubmatch(sql, -1) {
		switch table := strings.ToLower(match[2]); table {
		case "set", "skip", "nowait", "of": // ON CONFLICT DO UPDATE SET, FOR UPDATE SKIP LOCKED
		default:
			return strings.ToUpper(match[1]) + " " + table
		}
	}
	for _, match := range reads.FindAllStringSubmatch(sql, -1) {
		if match[2] == "" { // FROM now() is extract's, and no table
			return "SELECT " + strings.ToLower(match[1])
		}
	}
	return "SELECT"
}
