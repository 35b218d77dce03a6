"""The embedded environment: emulators and real services that the main job runs against."""
