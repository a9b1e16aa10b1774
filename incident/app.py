"""The application factory: the only module that imports all others."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import structlog
from flask import Flask, current_app
from sqlalchemy import event

from incident import channels, clock, config, data, logs, wake
from incident.actions.delivery.message_renderer import MessageRenderer
from incident.actions.incidents.evidence_vault import EvidenceVault
from incident.actions.notifications import on_duty
from incident.actions.operations import key_check, rights
from incident.actions.playbooks import approval_status, signatures
from incident.actions.reports import sealed_texts
from incident.actions.unit_of_work import CHANNEL, WAKES
from incident.core.duty.working_calendar import WorkingCalendar
from incident.core.journal.anchor import places_of
from incident.data.working_calendars import calendars
from incident.formats.messages import Catalogues, Writer, load_catalogues
from incident.jobs.journal.anchoring import Anchoring, AnchorSender
from incident.jobs.scheduling.workers import Telephone, Tools
from incident.jobs.startup.journal_rights import require_owner
from incident.jobs.startup.start import unknown_schema
from incident.jobs.supervision.alarm import AlarmSender
from incident.jobs.supervision.watchdog import WatchdogConfig
from incident.node import NODE, this_node
from incident.outgoing import Outgoing
from incident.store.db import connecting, revision
from incident.store.db.database import configure_engine, db, engine_options, server_time
from incident.store.db.prepared import use_prepared
from incident.store.journal import grants
from incident.store.queries import reports_about_units
from incident.wake import HomeListener, Listener, PostgresListener
from incident.web.instance import KEY, Instance

TOOLS = "incident.tools"


def create_app(settings: config.Settings, *, has_clock: bool) -> Flask:
    """Make the application with its pages and its API.

    Args:
        settings: what the environment said.
        has_clock: whether a clock runs with it; without one its pages say so.
    """
    app = create_core(settings, has_clock=has_clock)
    _register_web(app, settings)
    return app


def create_core(settings: config.Settings, *, has_clock: bool = False) -> Flask:
    """Make the application without API and pages: all that use cases need, for commands and for a scheduler.

    Args:
        settings: what the environment said.
        has_clock: whether a clock runs with it.

    Raises:
        SettingsError: when the key ring cannot be read.
    """
    logs.configure()
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    app = Flask("incident.web")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url, settings.database_pool_size),
    )
    db.init_app(app)
    ring = key_check.load_ring(settings)
    with app.app_context():
        configure_engine(db.engine, settings.database_limits, settings.database_direct_url, settings.migration_url)
        clock.follow(None if settings.is_sqlite else partial(server_time, db.engine))
        use_prepared(db.engine, settings.prepared_statements)
        signatures.demand(db.engine, not settings.allow_unsigned_playbooks)
        approval_status.demand_approval(db.engine, settings.two_people_approve)
        reports_about_units.use_reviewers(db.engine, settings.report_reviewers)
        on_duty.use_calendars(db.engine, _calendars(settings))
        sealed_texts.use_ring(db.engine, ring)
    means = _means(settings)
    registered = channels.registry(means)
    profiles = {name: channel.delivery_profile for name, channel in registered.items()}
    catalogues = load_catalogues()
    post = MessageRenderer(
        Writer(catalogues), ring, settings.public_url, settings.timezone, _category_names(), profiles
    )
    app.extensions[KEY] = Instance(settings, ring, post, registered, has_clock)
    app.extensions[NODE] = this_node(settings.home)
    anchoring = _anchoring(settings, means, catalogues)
    vault = EvidenceVault(ring, settings.evidence.folder)
    app.extensions[TOOLS] = Tools(
        means.outgoing,
        means,
        post,
        catalogues,
        settings.zone,
        settings.storm,
        anchoring,
        vault,
        settings.evidence.scanner,
        Telephone.of(settings.calls, settings.custody.key_path(settings.home)),
    )
    return app


def _register_web(app: Flask, settings: config.Settings) -> None:
    """Register API, pages and probes on the app; the guards come last, when all views are known."""
    # Loaded here, as half of a command's time would go into pages that it does not serve.
    from incident.web import api, pages
    from incident.web.http import body_limits, compression, errors
    from incident.web.monitoring import probes
    from incident.web.pages import problems
    from incident.web.security import (
        access_log_writer,
        address_tokens,
        alert_limit,
        auth,
        headers,
        report_guard,
        sns_messages,
    )

    api.register(app)
    pages.register(app, settings.timezone)
    probes.register(app)
    errors.register(app, problems.problem_page)
    compression.register(app)
    body_limits.register(app)
    alert_limit.register(app, settings.alert_limit)
    report_guard.register(app, settings.report_limits)
    headers.register(
        app,
        settings.public_url,
        auth.cookie_of(settings.public_url),
        auth.public_endpoints(app),
        settings.trusted_hosts,
    )
    auth.register(app)
    address_tokens.register(app)
    sns_messages.register(app, tools_of(app).outgoing)
    access_log_writer.register(app)


def migrate(app: Flask, *, demands_keys: bool = True, is_trial: bool = False) -> None:
    """Bring the database of an application to the newest migration, and make sure that the key ring is its own.

    Args:
        app: the application.
        demands_keys: whether it is refused without the right ring; what neither seals nor opens can do without.
        is_trial: only finds out whether it would be refused.

    Raises:
        SettingsError: when the key ring is missing or another one's, a newer version has written the database, or the
            role must not migrate it; it is as it was then.
    """
    here: Instance = app.extensions[KEY]
    folder = config.shipped("migrations")
    role = _running_role(app)
    # Looking is inside as well: of two that open a new SQLite file at once, one finds it locked and does not wait.
    lock = here.settings.home / "migrate.lock"
    with app.app_context(), connecting.without_limits(db.engine), revision.exclusive_migration(lock):
        stands_at = revision.current()
        db.session.remove()
        if stands_at is not None and not revision.is_known(stands_at, folder):
            raise config.SettingsError([unknown_schema(stands_at, revision.newest(folder), here.settings)])
        if stands_at is not None:
            _settle_keys(here, demands_keys)
        if is_trial:
            return
        if stands_at is None or stands_at != revision.newest(folder):
            require_owner(db.session.connection())
            db.session.remove()
            import flask_migrate  # a quarter of a second that a start without anything to migrate does not need

            flask_migrate.Migrate(app, db, directory=str(folder))
            flask_migrate.upgrade()
            db.session.remove()
        if role is not None:
            rights.set_rights(role, clock.now())
        if stands_at is None:
            _settle_keys(here, demands_keys)


def give_rights(app: Flask) -> None:
    """Let the role of the program only add to the journal, where the settings name another that owns the tables."""
    role = _running_role(app)
    if role is not None:
        with app.app_context(), connecting.without_limits(db.engine):
            rights.set_rights(role, clock.now())


def _running_role(app: Flask) -> str | None:
    """The role that the program runs as, where the settings name another that owns the tables."""
    here: Instance = app.extensions[KEY]
    if here.settings.migration_url is None:
        return None
    with app.app_context():
        role = grants.role_of(db.session.connection())
        db.session.remove()
    return role


def _settle_keys(here: Instance, demands_keys: bool) -> None:
    try:
        key_check.settle(here.ring, here.settings, clock.now())
    except config.SettingsError:
        if demands_keys:
            raise
    finally:
        db.session.remove()


def migrate_unused(app: Flask, schema: str | None) -> bool:
    """Give an unused database the tables of one migration, or none; return whether it is the newest.

    Args:
        app: the application.
        schema: the migration; None takes all tables away.
    """
    folder = config.shipped("migrations")
    lock = app.extensions[KEY].settings.home / "migrate.lock"
    with app.app_context(), connecting.without_limits(db.engine), revision.exclusive_migration(lock):
        import flask_migrate

        flask_migrate.Migrate(app, db, directory=str(folder))
        stands_at = revision.current()
        db.session.remove()
        if stands_at is not None and stands_at != schema:
            flask_migrate.downgrade(revision="base")
        if schema is not None and stands_at != schema:
            flask_migrate.upgrade(revision=schema)
        db.session.remove()
    return schema == revision.newest(folder)


def tools_of(app: Flask) -> Tools:
    """Return the tools for external work of the application's clock."""
    tools: Tools = app.extensions[TOOLS]
    return tools


def watchdog_config(app: Flask) -> WatchdogConfig:
    """Return the orders of the application's watchdog."""
    here: Instance = app.extensions[KEY]
    given, tools = here.settings, tools_of(app)
    outgoing = _own_outgoing(given)
    registered = channels.registry(replace(tools.means, outgoing=outgoing))
    alarm_sender = AlarmSender(
        given.alarm_to, given.alarm_secret, registered, outgoing, given.public_url, tools.catalogues
    )
    return WatchdogConfig(
        home=given.home,
        alarm_sender=alarm_sender,
        outgoing=outgoing,
        ping_url=given.ping_url,
        collector=None if given.export is None else given.export.name,
        anchor_places=tuple(one.name for one in places_of(given.anchors.to, given.anchors.time_stamp_url)),
    )


def _own_outgoing(settings: config.Settings) -> Outgoing:
    """The way out to addresses of the settings, which may be private ones."""
    return Outgoing(allow_private=True, private_networks=settings.private_networks)


def _means(settings: config.Settings) -> channels.Means:
    outgoing = Outgoing(allow_private=settings.allow_private_targets, private_networks=settings.private_networks)
    given = settings.sms
    sms = channels.SmsGateway(**vars(given)) if given else None
    return channels.Means(
        outgoing=outgoing,
        own_outgoing=_own_outgoing(settings),
        public_url=settings.public_url,
        smtp_url=settings.smtp_url,
        mail_from=settings.mail_from,
        sms=sms,
    )


def _anchoring(settings: config.Settings, means: channels.Means, catalogues: Catalogues) -> Anchoring | None:
    given = settings.anchors
    if not given.has_places:
        return None
    outgoing = _own_outgoing(settings)
    mail = channels.registry(replace(means, outgoing=outgoing))["email"]
    sender = AnchorSender(
        where=settings.public_url,
        mail=mail,
        outgoing=outgoing,
        key_path=settings.certificate_key_path,
        catalogues=catalogues,
        secret=given.secret,
        roots_file=given.ca_file,
    )
    return Anchoring(places_of(given.to, given.time_stamp_url), sender)


def _calendars(settings: config.Settings) -> Mapping[str, WorkingCalendar]:
    found, broken = calendars(settings.home / "calendars")
    for one in broken:
        structlog.get_logger().warning("a working calendar cannot be read", path=str(one.path), fault=one.error)
    return found


def _category_names() -> dict[str, dict[str, str]]:
    known = data.categories()
    return {"en": {one.code: one.en for one in known}, "zh_Hans_CN": {one.code: one.zh for one in known}}


def listening(settings: config.Settings) -> Callable[[], Listener]:
    """Return a factory of the listener that the scheduler waits on, called in the scheduler's own process."""
    if settings.is_sqlite:
        return partial(HomeListener, settings.home)
    url = settings.database_direct_url or settings.database_url
    return partial(PostgresListener, url, CHANNEL, settings.database_limits)


@event.listens_for(db.session, "after_commit")
def _wake_clocks(_session: object) -> None:
    """Wake the clocks of the home after a commit with a timer or a message; PostgreSQL uses NOTIFY."""
    here: Instance = current_app.extensions[KEY]
    if db.session.info.pop(WAKES, False) and here.settings.is_sqlite:
        wake.wake_clocks(here.settings.home)
