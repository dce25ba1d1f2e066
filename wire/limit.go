package wire

// Limit is how much of something a user may do: so much at once after a quiet time, and
// as much in each period from then on, evenly.
type Limit struct {
	Amount  int `json:"amount,omitempty" example:"600" doc:"1 to 1,000,000"`
	Seconds int `json:"seconds,omitempty" example:"60" doc:"The period; 1 to 86,400"`
}

// Limits are what a user may do within a time.
type Limits struct {
	UserID      string `json:"user_id" example:"0199b3a0-6f1e-7c3a-9d52-1f0a6b7c8d9e"`
	VideoCreate *Limit `json:"video_create" doc:"Videos that are created or retried; null: no limit"`
	Read        *Limit `json:"read" doc:"All other requests, and each item of a lookup; null: no limit"`
}

// LimitsChange are a user's limits from now on. What is left out is as usual.
type LimitsChange struct {
	VideoCreate *Limit `json:"video_create,omitempty" doc:"default 600 in 60 s; none for the holder of the operator token"`
	Read        *Limit `json:"read,omitempty" doc:"default 6,000 in 60 s; none for the holder of the operator token"`
}
