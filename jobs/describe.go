package jobs

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Describe returns what may be shown of a task's payload: the fields that heyq
// knows, as JSON. Of a payload that is not heyq's, or broken, it tells the size
// alone; nobody knows what is in it.
func Describe(kind string, payload []byte) string {
	var known any
	err := ErrForeign
	switch {
	case videoKinds[kind].Name != "":
		known, err = videoKinds[kind].Decode(payload)
	case kind == VideoAnalyze.Name:
		known, err = VideoAnalyze.Decode(payload)
	case kind == NotifyDeliver.Name:
		known, err = NotifyDeliver.Decode(payload)
	case slices.Contains(Kinds, kind):
		known, err = Scheduled{}, nil
	}
	if err != nil {
		return fmt.Sprintf("%d bytes that are not heyq's", len(payload))
	}
	shown, err := json.Marshal(known)
	if err != nil {
		return fmt.Sprintf("%d bytes", len(payload))
	}
	return string(shown)
}
