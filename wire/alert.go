package wire

import "time"

// AlertList is what is wrong, and what was.
type AlertList struct {
	Active []Alert `json:"active" nullable:"false"`
	Ended  []Alert `json:"ended" nullable:"false"`
}

// Alert is something that is, or was, wrong.
type Alert struct {
	ID          string     `json:"id" format:"uuid"`
	Rule        string     `json:"rule" doc:"A section of docs/operations.md has its name" example:"queue-age"`
	Subject     string     `json:"subject" doc:"Which of several; empty: there is only one" example:"download"`
	Summary     string     `json:"summary" doc:"What is wrong, with its figure, as it was last seen"`
	Since       time.Time  `json:"since"`
	EndedAt     *time.Time `json:"ended_at" doc:"null: it is still wrong"`
	StartSentAt *time.Time `json:"start_sent_at" doc:"null: its start was not told yet"`
	EndSentAt   *time.Time `json:"end_sent_at" doc:"null: its end was not told yet"`
	SendError   string     `json:"send_error" doc:"Why the last message could not be sent; empty: it was"`
}
