package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"heyq/wire"
)

func versionOp() huma.Operation {
	return huma.Operation{
		OperationID: "version",
		Tags:        []string{healthTag},
		Summary:     "Which heyq is this?",
		Description: "What the process that answers was built from. During an upgrade others may be of another version.",
		Responses:   map[string]*huma.Response{"200": answers("This process", versionExample)},
	}
}

var versionExample = wire.Version{
	Version: "v1.4.0", Commit: "3f764ef0c8ab5e6d7f8091a2b3c4d5e6f7089a1b", Time: "2030-01-02T03:04:05Z",
	Go: "go1.26.8", Platform: "linux/amd64",
}

type versionOutput struct{ Body wire.Version }

func (s *server) version(context.Context, *struct{}) (*versionOutput, error) {
	return &versionOutput{wire.Version(s.build)}, nil
}
