"""What several pages share: the frame, the state of a visit, cached calls, components, charts and words."""
