package wire

// Version says what the process that answers was built from. What it was not told
// is empty.
type Version struct {
	Version  string `json:"version" example:"v1.4.0" doc:"A release, or what the last one became by later commits"`
	Commit   string `json:"commit" example:"3f764ef0c8ab5e6d7f8091a2b3c4d5e6f7089a1b"`
	Time     string `json:"time" example:"2030-01-02T03:04:05Z" doc:"When the commit was made"`
	Modified bool   `json:"modified" doc:"There were changes that are in no commit"`
	Go       string `json:"go" example:"go1.26.8"`
	Platform string `json:"platform" example:"linux/amd64"`
}
