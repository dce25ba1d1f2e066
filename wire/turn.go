package wire

import "heyq/store"

// Turn is what one user may have of the render slots, and has of them now.
type Turn struct {
	UserID  string  `json:"user_id" example:"default"`
	Weight  float64 `json:"weight" example:"1" doc:"How many turns the user gets for one of a user of weight 1"`
	Slots   *int    `json:"slots" example:"3" doc:"The most slots that the user's videos hold at once; null: as many as there are"`
	Waiting int     `json:"waiting" example:"120" doc:"Videos that wait for their time, for admission or for a slot"`
	Held    int     `json:"held" example:"2" doc:"Slots that the user's videos hold"`
}

// TurnChange is how a user takes turns from now on. What is left out is as usual.
type TurnChange struct {
	Weight *float64 `json:"weight,omitempty" doc:"0.01 to 100, with two decimals at most; default 1" example:"3"`
	Slots  *int     `json:"slots,omitempty" doc:"1 or more; default as many as there are" example:"3"`
}

// TurnList is one page of turns, by user.
type TurnList struct {
	Turns      []Turn     `json:"turns" nullable:"false"`
	Pagination Pagination `json:"pagination"`
}

// TurnOf is a user's turn as the API shows it.
func TurnOf(t store.Turn) Turn {
	shown := Turn{UserID: t.UserID, Weight: t.Weight, Waiting: t.Waiting, Held: t.Held}
	if t.Slots > 0 {
		shown.Slots = &t.Slots
	}
	return shown
}
