package api

import (
	"encoding/base64"
	"strings"

	"github.com/google/uuid"

	"heyq/internal/fault"
)

// cursorOf is an opaque place in a list: behind the item of that id.
func cursorOf(list string, id uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString([]byte(list + " " + id.String()))
}

// behind reads a cursor; the empty one is the beginning of the list.
func behind(list, cursor string) (uuid.UUID, error) {
	if cursor == "" {
		return uuid.Nil, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	name, rest, _ := strings.Cut(string(text), " ")
	id, wrong := uuid.Parse(rest)
	if err != nil || wrong != nil || name != list {
		return uuid.Nil, fault.New(fault.Invalid, "the request is not valid").
			WithField(inQueryOf+"cursor", cursor, "is no cursor of this list; give next_cursor of the page before, with the same filter, or none")
	}
	return id, nil
}
