package api

import (
	"encoding/base64"
	"strings"

	"github.com/google/uuid"

	"heyq/internal/fault"
)

// cursorOf is an opaque place in a list: behind the item of that id.
func cursorOf(list, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(list + " " + id))
}

// behind reads a cursor of a list whose items have UUIDs; the empty one is the beginning
// of the list.
func behind(list, cursor string) (uuid.UUID, error) {
	text, err := behindText(list, cursor, func(id string) bool { return uuid.Validate(id) == nil })
	if err != nil || text == "" {
		return uuid.Nil, err
	}
	return uuid.Parse(text)
}

// behindText reads a cursor of a list whose items have ids that are fit.
func behindText(list, cursor string, fit func(id string) bool) (string, error) {
	if cursor == "" {
		return "", nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	name, id, _ := strings.Cut(string(text), " ")
	if err != nil || name != list || !fit(id) {
		return "", fault.New(fault.Invalid, "the request is not valid").
			WithField(inQueryOf+"cursor", cursor, "is no cursor of this list; give next_cursor of the page before, with the same filter, or none")
	}
	return id, nil
}
