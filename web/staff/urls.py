"""The second factor of operators and city staff: between code and desk, and what they keep of it."""

from django.urls import include, path

from web.staff import own, setting_up, showing

urlpatterns = [
    path("sign-in/second/", showing.second_factor, name="second_factor"),
    path("sign-in/set-up/", setting_up.set_up, name="set_up"),
    path("sign-in/set-up/app/", setting_up.app, name="set_up_app"),
    path("sign-in/set-up/passkey/", setting_up.passkey, name="set_up_passkey"),
    path("security/", own.security, name="security"),
    path("security/app/removal/", own.app_removal, name="app_removal"),
    path("security/passkeys/<int:pk>/removal/", own.passkey_removal, name="passkey_removal"),
    path("security/recovery-codes/", own.recovery_codes, name="recovery_codes"),
    path("security/devices/", include("web.devices")),
    path("security/sessions/", own.sessions_end, name="sessions_end"),
]
