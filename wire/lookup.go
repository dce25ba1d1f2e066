package wire

import "time"

// MaxLookup is how many videos may be looked up at once.
const MaxLookup = 1000

// Lookup asks for many videos.
type Lookup struct {
	IDs    []string `json:"ids,omitempty" doc:"The videos' ids: 1 to 1,000" example:"[\"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e\"]"`
	Stored bool     `json:"stored,omitempty" doc:"Only what heyq has stored: HeyGen is not asked"`
}

// LookupAnswer has an item for each id, in the order in which they were asked for.
type LookupAnswer struct {
	Videos []LookupItem `json:"videos" nullable:"false"`
}

// LookupItem is what is known of one video. If HeyGen could not be asked, it has both the
// video and an error.
type LookupItem struct {
	ID     string        `json:"id" doc:"As it was asked for"`
	Video  *VideoDetails `json:"video,omitempty" doc:"As heyq has stored it"`
	HeyGen *HeyGenRender `json:"heygen,omitempty" doc:"As HeyGen tells it now; left out if it was not asked, or has not taken the video yet"`
	Error  *ItemError    `json:"error,omitempty"`
}

// HeyGenRender is a render as HeyGen tells it. Its links end after a while.
type HeyGenRender struct {
	ID              string     `json:"id" example:"8f2b1c0d9e"`
	Status          string     `json:"status" example:"completed" doc:"In HeyGen's words"`
	Title           string     `json:"title"`
	CreatedAt       *time.Time `json:"created_at" doc:"null: not told"`
	CompletedAt     *time.Time `json:"completed_at" doc:"null: not told"`
	DurationSeconds float64    `json:"duration_seconds" example:"12.48" doc:"0: not told"`
	VideoURL        string     `json:"video_url" doc:"Empty: there is none yet"`
	ThumbnailURL    string     `json:"thumbnail_url" doc:"Empty: there is none"`
	PageURL         string     `json:"page_url" doc:"Empty: there is none"`
	FailureCode     string     `json:"failure_code" doc:"Empty: it has not failed"`
	FailureMessage  string     `json:"failure_message"`
}
