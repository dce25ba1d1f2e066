package operate

import (
	"encoding/json"
	"fmt"
	"slices"

	"heyq/jobs"
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
	case kind == jobs.VideoAnalyze.Name:
		known, err = jobs.VideoAnalyze.Decode(payload)
	case kind == jobs.NotifyDeliver.Name:
		known, err = jobs.NotifyDeliver.Decode(payload)
	case slices.Contains(jobs.Kinds, kind):
		known, err = jobs.Scheduled{}, nil
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
