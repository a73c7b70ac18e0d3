# frozen_string_literal: true

# The same jobs for Sidekiq: `sidekiq -r` loads this file, and `ruby sidekiq_peer.rb fill|trickle COUNT FILE` produces as produce.py does.
require 'json'
require 'sidekiq'

# Else the driver says of each push that this answer will change.
Redis.sadd_returns_boolean = false if Redis.respond_to?(:sadd_returns_boolean=)
Sidekiq.configure_client { |config| config.redis = { url: ENV.fetch('REDIS_URL') } }
Sidekiq.configure_server { |config| config.redis = { url: ENV.fetch('REDIS_URL') } }

# What work.py does.
class Work
  include Sidekiq::Worker

  def perform(sent, path)
    return if path.empty?

    now = Process.clock_gettime(Process::CLOCK_REALTIME, :nanosecond)
    File.open(path, 'a') { |file| file.write("#{sent} #{now}\n") }
  end
end

def trickle(number, path)
  sleep(rand(0.015..0.04))
  Work.perform_async(Process.clock_gettime(Process::CLOCK_REALTIME, :nanosecond), path)
  deadline = Time.now + 20
  sleep(0.002) while File.read(path).count("\n") < number && Time.now < deadline
end

if $PROGRAM_NAME == __FILE__
  mode = ARGV[0]
  count = Integer(ARGV[1])
  path = ARGV[2]
  File.open(path, 'a', &:close)
  began = Process.clock_gettime(Process::CLOCK_MONOTONIC)
  cpu = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
  if mode == 'fill'
    count.times { |place| Work.perform_async(0, [0, count - 1].include?(place) ? path : '') }
  else
    (1..count).each { |number| trickle(number, path) }
  end
  seconds = Process.clock_gettime(Process::CLOCK_MONOTONIC) - began
  spent = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - cpu
  puts JSON.generate(per_second: count / seconds, cpu_us: spent * 1e6 / count)
end
