package operate

import (
	"encoding/json"
	"fmt"
)

// Describe returns what may be shown of a task's payload: the fields that heyq
// knows, as JSON. Of a payload that is not heyq's, or broken, it tells the size
// alone: it may hold anything.
func Describe(kind string, payload []byte) string {
	known, _, err := readTask(kind, payload)
	if err != nil {
		return fmt.Sprintf("%d bytes that are not heyq's", len(payload))
	}
	shown, err := json.Marshal(known)
	if err != nil {
		return fmt.Sprintf("%d bytes", len(payload))
	}
	return string(shown)
}
