package wire

import "time"

// LogRequest changes the log level.
type LogRequest struct {
	Level string `json:"level" enum:"trace,debug,info,warn,error,configured" doc:"The least that is logged; configured: what HEYQ_LOG_LEVEL says"`
	For   string `json:"for,omitempty" doc:"How long, as 10m or 1h30m, a week at most; without it until it is changed again" example:"10m"`
}

// Log is the log level of a process, and until when it holds.
type Log struct {
	Level      string     `json:"level" example:"debug" doc:"The least that is logged"`
	Configured string     `json:"configured" example:"info" doc:"What it goes back to: HEYQ_LOG_LEVEL"`
	Until      *time.Time `json:"until" doc:"null: until it is changed"`
}
