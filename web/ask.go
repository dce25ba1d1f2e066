package web

// askPage is what ask.html reads: a question about a thing, with what a yes means.
type askPage struct {
	ID, Name, Sub string // of the thing
	Back          step   // where a no leads
	Asks          string // the question
	Means         string // what comes of it, and what it costs
	Yes           string // the button
	Value         string // that the form sends as value, if it sends any
	Danger        bool   // it costs money, or cannot be undone
}

func (p askPage) answer() (answer, error) { return answer{page: "ask", title: p.Asks, data: p}, nil }
