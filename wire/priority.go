package wire

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Priority says how urgent a video is: the greater go first. In JSON it is a number, or
// one of Low, Normal and High in words.
type Priority int

// The priorities that have a word.
const (
	Low    Priority = -5
	Normal Priority = 0
	High   Priority = 5
)

// PriorityWords are the words, the least urgent first.
var PriorityWords = []string{"low", "normal", "high"}

// ParsePriority reads a number or a word.
func ParsePriority(text string) (p Priority, ok bool) {
	text = strings.TrimSpace(text)
	for i, priority := range []Priority{Low, Normal, High} {
		if text == PriorityWords[i] {
			return priority, true
		}
	}
	n, err := strconv.Atoi(text)
	return Priority(n), err == nil
}

// UnmarshalJSON implements json.Unmarshaler.
func (p *Priority) UnmarshalJSON(data []byte) error {
	var word string
	if json.Unmarshal(data, &word) == nil {
		if named, ok := ParsePriority(word); ok {
			*p = named
			return nil
		}
	}
	return json.Unmarshal(data, (*int)(p))
}
